namespace MLNet.Papers;

/// <summary>How much codes say of the rows that they were learned from.</summary>
/// <param name="Kl">
/// Nats that a code carries beyond what is drawn from the prior, the mean over the rows: the divergence KL(q(z|x) || p(z)) at the end of the flow, by samples.
/// </param>
/// <param name="UnitKl">
/// The same for each number of a code, of the normal distribution that the flow begins with: exact, and adding up to <paramref name="Kl"/>, without a flow.
/// </param>
/// <param name="ActiveUnits">
/// Numbers of a code that differ from row to row: their variance is above 0.01 (Burda, Grosse and Salakhutdinov, "Importance Weighted Autoencoders", 2016).
/// </param>
public sealed record FlowAutoencoderHealth(double Kl, IReadOnlyList<double> UnitKl, int ActiveUnits)
{
    internal const double LeastVariance = 0.01;

    /// <summary>Whether codes say nothing of the rows: posterior collapse.</summary>
    internal bool HasCollapsed => ActiveUnits == 0;

    /// <summary>The figures in words.</summary>
    public override string ToString() => FormattableString.Invariant($"{ActiveUnits} of {UnitKl.Count} units are active, KL {Kl:F2} nats (by unit ") +
        string.Join(' ', UnitKl.Select(kl => FormattableString.Invariant($"{kl:F2}"))) + ")";
}
