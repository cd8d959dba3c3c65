namespace MLNet.Papers;

/// <summary>How well a few-shot classifier answers queries from a few examples a class, over many random episodes.</summary>
/// <param name="MeanAccuracy">The mean over episodes of the part of queries that were classified rightly, from 0 to 1.</param>
/// <param name="ConfidenceInterval">Half the width of the 95 % interval of <paramref name="MeanAccuracy"/>: 1.96 standard deviations of an episode over the
/// root of their number; NaN for one episode, which has none.</param>
/// <param name="Episodes">How many episodes were drawn.</param>
/// <param name="PerClass">The accuracy for each class that was drawn, in key order.</param>
public sealed record FewShotMetrics(double MeanAccuracy, double ConfidenceInterval, int Episodes, IReadOnlyList<FewShotClassMetrics> PerClass)
{
    /// <summary>The mean accuracy with its interval, and the number of episodes and classes.</summary>
    public override string ToString()
    {
        string interval = double.IsNaN(ConfidenceInterval) ? "" : FormattableString.Invariant($" ± {ConfidenceInterval:F4}");
        return FormattableString.Invariant($"accuracy {MeanAccuracy:F4}{interval}, {Episodes} episodes, {PerClass.Count} classes");
    }
}

/// <summary>How well the queries of one class were classified.</summary>
/// <param name="ClassName">The class, as text.</param>
/// <param name="Queries">How many of its rows were queries, over all episodes.</param>
/// <param name="Accuracy">The part of them that were classified rightly, from 0 to 1.</param>
public sealed record FewShotClassMetrics(string ClassName, int Queries, double Accuracy);
