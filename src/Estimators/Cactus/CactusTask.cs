namespace MLNet.Papers;

/// <summary>A task that was constructed from unlabelled rows.</summary>
/// <param name="Partition">Which partition its classes come from, from 0.</param>
/// <param name="Support">For each pretended class the support rows, by their place in the data from 0.</param>
/// <param name="Queries">For each pretended class the query rows.</param>
public sealed record CactusTask(int Partition, IReadOnlyList<IReadOnlyList<int>> Support, IReadOnlyList<IReadOnlyList<int>> Queries)
{
    /// <summary>The partition, and the rows of each class.</summary>
    public override string ToString() => FormattableString.Invariant($"partition {Partition}, support {Rows(Support)}, queries {Rows(Queries)}");

    private static string Rows(IReadOnlyList<IReadOnlyList<int>> classes) => string.Join("; ", classes.Select(rows => string.Join(", ", rows)));
}
