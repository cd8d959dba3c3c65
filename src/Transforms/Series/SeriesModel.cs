using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Series;

/// <summary>A trained network over series, as transformers keep and save it. Immutable.</summary>
/// <param name="FeatureColumnName">The column of series.</param>
/// <param name="Length">The length of its vectors in training; 0 where it differed from row to row.</param>
/// <param name="MaxDependency">How many steps a cell was made to remember from the start; 0 where that was not said.</param>
/// <param name="Architecture">The network.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Scale">The scale of the values of a step; null for none.</param>
[Block("series")]
internal sealed record SeriesModel(
    string FeatureColumnName,
    int Length,
    int MaxDependency,
    [Block] SeriesArchitecture Architecture,
    NetworkWeights Weights,
    StandardScale? Scale) : IModelRecord
{
    /// <summary>The column.</summary>
    public SeriesColumn Column => new(FeatureColumnName, Architecture.Channels, Architecture.Symbols);

    public string? FindFault() => string.IsNullOrWhiteSpace(FeatureColumnName) || Length < 0 || MaxDependency < 0
        ? $"Block 'series' names the column '{FeatureColumnName}' with {Length} values, and {MaxDependency} steps."
        : Scale is not null && (Scale.Size != Architecture.Channels || Architecture.Symbols > 0)
            ? $"Block 'means' has {Scale.Size} numbers, but a step {(Architecture.Symbols > 0 ? "is a key" : $"has {Architecture.Channels}")}."
            : null;
}
