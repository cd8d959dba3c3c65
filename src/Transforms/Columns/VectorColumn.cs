using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Columns;

/// <summary>A column of vectors of Single of known length.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image that a row is, in CHW order; null for a plain vector.</param>
internal sealed record VectorColumn(string Name, ImageShape? Image = null) : InputColumn
{
    /// <param name="name">Its name.</param>
    /// <param name="network">What reads it.</param>
    public VectorColumn(string name, INetworkArchitecture network)
        : this(name, network.Image) => Length = network.InputSize;

    /// <summary>The length; null for any.</summary>
    public int? Length { get; init; } = Image?.Size;

    /// <summary>The options that the length comes from, in words; null to say the length alone.</summary>
    public string? Because { get; init; }

    internal override string? FindFault(ColumnType type)
    {
        if (type.Kind != VectorKind.Vector || !type.IsSingle || !type.Allows(Length))
        {
            string requirement = Length is null ? "a vector of Single of known length" : FormattableString.Invariant($"a vector of Single of length {Length}");
            return Because is null ? requirement : $"{requirement} ({Because})";
        }

        return Image is { } shape && !HasShape(type, shape)
            ? $"an image of {shape} (channels, rows, columns; ExtractPixels gives it with interleavePixelColors: false)"
            : null;
    }

    internal override InputColumn Like(Microsoft.ML.DataViewSchema.Column training) => this with { Length = ((VectorDataViewType)training.Type).Size };

    // Whether a vector whose type has dimensions has those of an image: with others its values stand in another order. Axes of one value do not matter.
    private static bool HasShape(ColumnType type, ImageShape shape)
    {
        int[] expected = [shape.Channels, shape.Height, shape.Width];
        IReadOnlyList<int> found = type.Vector?.Dimensions ?? [];
        return found.Count <= 1 || found.Where(length => length > 1).SequenceEqual(expected.Where(length => length > 1));
    }
}
