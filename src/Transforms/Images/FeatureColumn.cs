using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Images;

/// <summary>A column that a network reads: vectors, or images.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image that a row is; null for vectors.</param>
internal sealed record FeatureColumn(string Name, ImageShape? Image) : InputColumn
{
    private InputColumn Values => Image is { } shape ? new ImageColumn(Name, shape) : new VectorColumn(Name);

    /// <summary>D, the number of values that a network reads of a column that was checked.</summary>
    public int SizeOf(DataViewSchema.Column column) => Image?.Size ?? ((VectorDataViewType)column.Type).Size;

    /// <summary>The column that a network reads, whose number of values is known.</summary>
    public InputColumn Of(INetworkArchitecture network) => Image is null ? new VectorColumn(Name) { Length = network.InputSize } : Values;

    /// <summary>What reads the column of a row.</summary>
    public RowReader CreateReader(DataViewRow row) =>
        Image is { } shape ? new ImageColumn(Name, shape).CreateReader(row) : new VectorReader(row, row.Schema[Name]);

    internal override string? FindFault(ColumnType type) => Values.FindFault(type);

    internal override string Describe(ColumnType type) => Values.Describe(type);

    internal override InputColumn Like(DataViewSchema.Column training) => Values.Like(training);

    /// <summary>What is wrong with a saved column, or null: a network must read what it is said to hold.</summary>
    public string? FindFault(LayeredArchitecture architecture) => string.IsNullOrWhiteSpace(Name) || (Image is { } image && image != architecture.Input)
        ? $"Block 'features' names the column '{Name}' with images of {Image}, but the network reads {architecture.Input}."
        : null;
}
