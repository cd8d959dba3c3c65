using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Images;

/// <summary>A column of images for a network: pictures of any size, or vectors of Single in CHW order.</summary>
/// <remarks>
/// A picture (<see cref="MLImage"/>) is resized to the shape by <see cref="Resampling"/> and its channels follow each other: red, green and blue; one channel is the
/// luminance 0.299 R + 0.587 G + 0.114 B. The colours of a picture with opacity are multiplied by it, as ExtractPixels gives them. A vector is taken as it is.
/// </remarks>
/// <param name="name">The column's name.</param>
/// <param name="shape">The shape that a network reads.</param>
/// <param name="scale">What the values of a picture, from 0 to 255, are multiplied by.</param>
internal sealed class ImageColumn(string name, ImageShape shape, float scale = 1f / 255)
{
    public string Name { get; } = name;

    public ImageShape Shape { get; } = shape;

    /// <summary>Finds the column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is neither a picture nor a vector of Single of the shape's length.</exception>
    public DataViewSchema.Column Require(DataViewSchema schema)
    {
        DataViewSchema.Column column = InputColumns.Require(schema, Name);
        if (column.Type is ImageDataViewType)
            return RequireChannels(column);
        bool fits = column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType.Equals(NumberDataViewType.Single) && vector.Size == Shape.Size;
        if (!fits)
            throw InputColumns.Mismatch(Name, Requirement, column.Type.ToString()!);
        InputColumns.RequireShape(column, Shape);
        return column;
    }

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is neither a picture nor a vector of Single.</exception>
    public SchemaShape.Column Require(SchemaShape schema)
    {
        SchemaShape.Column column = InputColumns.Require(schema, Name);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar && column.ItemType is ImageDataViewType)
            return RequireChannels(column);
        bool fits = column.Kind == SchemaShape.Column.VectorKind.Vector && column.ItemType.Equals(NumberDataViewType.Single) && !column.IsKey;
        return fits ? column : throw InputColumns.Mismatch(Name, Requirement, SchemaShapes.TypeName(column));
    }

    /// <summary>What reads the column of a row.</summary>
    public RowReader CreateReader(DataViewRow row)
    {
        DataViewSchema.Column column = row.Schema[Name];
        return column.Type is ImageDataViewType ? new PictureReader(row, column, Shape, scale) : new VectorReader(row, column);
    }

    private string Requirement => FormattableString.Invariant($"an image or a vector of Single of length {Shape.Size} ({Shape})");

    private TColumn RequireChannels<TColumn>(TColumn column) => Shape.Channels is 1 or 3
        ? column
        : throw InputColumns.Mismatch(Name, FormattableString.Invariant($"a vector of Single of length {Shape.Size}"), FormattableString.Invariant($"an image, which gives 1 or 3 channels and not {Shape.Channels}"));
}

/// <summary>Reads the numbers of a row for a network.</summary>
internal abstract class RowReader
{
    /// <summary>Reads the current row; NaN throughout if it has no value.</summary>
    public abstract void Read(Span<float> values);

    /// <summary>What to say of a row whose number is not finite, to stand after the column's name.</summary>
    public virtual string Describe(float value, long row) =>
        FormattableString.Invariant($"must be finite, but has {value} in row {row}. Replace or drop such values first (ReplaceMissingValues).");
}

/// <inheritdoc/>
internal sealed class VectorReader(DataViewRow row, DataViewSchema.Column column) : RowReader
{
    private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
    private VBuffer<float> _buffer;

    public override void Read(Span<float> values)
    {
        _getter(ref _buffer);
        InputColumns.RequireLength(column, _buffer.Length, row.Position);
        _buffer.CopyTo(values);
    }
}

/// <inheritdoc/>
internal sealed class PictureReader(DataViewRow row, DataViewSchema.Column column, ImageShape shape, float scale) : RowReader
{
    private readonly ValueGetter<MLImage?> _getter = row.GetGetter<MLImage?>(column);
    private readonly Resampling _resampling = new(shape, scale);

    private byte[] _pixels = [];

    // A loader frees what it finds here and puts a new picture in its place. The last one is left to it: a view over pictures in memory hands out the user's own.
    private MLImage? _picture;

    public override void Read(Span<float> values)
    {
        _getter(ref _picture);
        if (_picture is null)
            values.Fill(float.NaN);
        else
            _resampling.Resize(PicturePixels.Read(_picture, ref _pixels), _picture.Width, _picture.Height, _picture.PixelFormat == MLPixelFormat.Rgba32, values);
    }

    public override string Describe(float value, long row) => FormattableString.Invariant($"must have an image in every row, but has none in row {row}.");
}
