using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using MLNet.Papers.Networks;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Images;

/// <summary>A column that a network reads: vectors, or images.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image that a row is; null for vectors, and for pictures whose own size is taken, see <see cref="ShapeToTake"/>.</param>
internal sealed record FeatureColumn(string Name, ImageShape? Image) : InputColumn
{
    /// <summary>The length of vectors; null for any.</summary>
    internal int? Length { get; init; }

    /// <summary>The column of rows that a network reads.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="network">The network.</param>
    public static FeatureColumn Of(string name, INetworkArchitecture network) =>
        new(name, network.Image) { Length = network.Image is null ? network.InputSize : null };

    /// <summary>The shape of the column's pictures where it must be taken, for no other is wanted; else null.</summary>
    /// <param name="schema">A schema whose column was checked.</param>
    public ImageShape? ShapeToTake(DataViewSchema schema) =>
        Image is null && new ColumnType(schema[Name]) is { Pictures: not null } type ? ImageColumn.ShapeOf(type) : null;

    /// <summary>D, the number of values that a network reads of a column that was checked.</summary>
    public int SizeOf(DataViewSchema.Column column) => Image?.Size ?? ((VectorDataViewType)column.Type).Size;

    /// <summary>The column that a network reads, whose number of values is known.</summary>
    public FeatureColumn Of(INetworkArchitecture network) => Of(Name, network) with { Image = Image };

    /// <summary>What reads the column of a row.</summary>
    public RowReader CreateReader(DataViewRow row) =>
        Image is { } shape ? new ImageColumn(Name, shape).CreateReader(row) : new VectorReader(row, row.Schema[Name]);

    internal override string? FindFault(ColumnType type)
    {
        if (Image is { } shape)
            return new ImageColumn(Name, shape).FindFault(type);
        if (type.Pictures is null || Length is not null)
            return new VectorColumn(Name) { Length = Length }.FindFault(type);
        return type.IsPromised || ImageColumn.ShapeOf(type) is not null ? null : "images of one known size (ResizeImages), unless ImageShape says the shape";
    }

    internal override string Describe(ColumnType type) => Image is { } shape ? new ImageColumn(Name, shape).Describe(type) : base.Describe(type);

    internal override InputColumn Like(DataViewSchema.Column training) => new ColumnType(training) switch
    {
        { Pictures: not null } type => this with { Image = Image ?? ImageColumn.ShapeOf(type) },
        { Kind: VectorKind.Vector } type when Image is null => this with { Length = type.Length },
        _ => this,
    };

    /// <summary>What is wrong with a saved column, or null: a network must read what it is said to hold.</summary>
    public string? FindFault(LayeredArchitecture architecture) => string.IsNullOrWhiteSpace(Name) || (Image is { } image && image != architecture.Input)
        ? $"Block 'features' names the column '{Name}' with images of {Image}, but the network reads {architecture.Input}."
        : null;
}
