namespace MLNet.Papers;

/// <summary>A translation and how it came about.</summary>
/// <param name="Source">The N tokens that were translated.</param>
/// <param name="Target">The M tokens of the translation.</param>
/// <param name="LogProbability">The sum of the log probabilities of its tokens and of its end, in nats.</param>
/// <param name="Attention">For each token of the translation N values that add up to 1: how much each source token was attended to.</param>
public sealed record Translation(
    IReadOnlyList<string> Source, IReadOnlyList<string> Target, double LogProbability, IReadOnlyList<IReadOnlyList<float>> Attention)
{
    /// <summary>The tokens of the translation with a space between them.</summary>
    public override string ToString() => string.Join(' ', Target);
}
