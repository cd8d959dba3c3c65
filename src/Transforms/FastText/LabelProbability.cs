namespace MLNet.Papers;

/// <summary>A label that a classifier gives to a text.</summary>
/// <param name="Label">The label, without the prefix <c>__label__</c>.</param>
/// <param name="Probability">Its probability, from 0 to 1.</param>
public readonly record struct LabelProbability(string Label, float Probability);
