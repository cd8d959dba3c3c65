using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Images;

/// <summary>A column of images for a network: pictures of any size, or vectors of Single in CHW order.</summary>
/// <remarks>
/// A picture (<see cref="MLImage"/>) is resized to the shape by <see cref="Resampling"/> and its channels follow each other: red, green and blue; one channel
/// is the luminance 0.299 R + 0.587 G + 0.114 B. The colours of a picture with opacity are multiplied by it, as ExtractPixels gives them. A vector is taken as
/// it is.
/// </remarks>
/// <param name="Name">The column's name.</param>
/// <param name="Shape">The shape that a network reads; null for that of the column's type, see <see cref="In"/>.</param>
/// <param name="Scale">What the values of a picture, from 0 to 255, are multiplied by.</param>
internal sealed record ImageColumn(string Name, ImageShape? Shape, float Scale = 1f / 255) : InputColumn
{
    /// <summary>
    /// The same column with the shape that its type gives, if no other is wanted: the dimensions of its vectors, or three channels of pictures that all have
    /// one size.
    /// </summary>
    /// <param name="schema">A schema whose column was checked.</param>
    public ImageColumn In(DataViewSchema schema) => Shape is null ? this with { Shape = ShapeOf(new ColumnType(schema[Name])) } : this;

    /// <summary>What reads the column of a row.</summary>
    public RowReader CreateReader(DataViewRow row)
    {
        DataViewSchema.Column column = row.Schema[Name];
        return column.Type is ImageDataViewType ? new PictureReader(row, column, Shape!.Value, Scale) : new VectorReader(row, column);
    }

    internal override string? FindFault(ColumnType type)
    {
        bool isVector = type.Kind == VectorKind.Vector && type.IsSingle;
        if (Shape is not { } shape)
        {
            bool isKnown = ShapeOf(type) is not null || (type.IsPromised && (isVector || type.Pictures is not null));
            return isKnown
                ? null
                : "a vector of Single with the dimensions channels (1, 3 or 4), rows and columns, or an image of known size, unless ImageShape says the shape";
        }

        if (type.Pictures is not null)
            return shape.Channels is 1 or 3 ? null : FormattableString.Invariant($"a vector of Single of length {shape.Size}");
        return isVector && type.Allows(shape.Size)
            ? new VectorColumn(Name, shape).FindFault(type)
            : FormattableString.Invariant($"an image or a vector of Single of length {shape.Size} ({shape})");
    }

    internal override string Describe(ColumnType type) => type.Pictures is not null && Shape is { Channels: not (1 or 3) and var channels }
        ? FormattableString.Invariant($"an image, which gives 1 or 3 channels and not {channels}")
        : base.Describe(type);

    internal override InputColumn Like(DataViewSchema.Column training) => Shape is null ? this with { Shape = ShapeOf(new ColumnType(training)) } : this;

    /// <summary>The shape that a type gives; null for none.</summary>
    internal static ImageShape? ShapeOf(ColumnType type) => type switch
    {
        { Pictures: { Height: > 0, Width: > 0 } pictures } => new(3, pictures.Height, pictures.Width),
        // Where the channels come last, the first number is none of theirs.
        { IsSingle: true, Vector.Dimensions: [1 or 3 or 4, > 0, > 0] dimensions } => new(dimensions[0], dimensions[1], dimensions[2]),
        _ => null,
    };
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

    // A loader frees what it finds here and puts a new picture in its place. The last one is left to it: a view over pictures in memory hands out the user's
    // own.
    private MLImage? _picture;

    public override void Read(Span<float> values)
    {
        _getter(ref _picture);
        if (_picture is null)
        {
            values.Fill(float.NaN);
        }
        else
        {
            _resampling.Resize(
                PicturePixels.Read(_picture, ref _pixels), _picture.Width, _picture.Height, _picture.PixelFormat == MLPixelFormat.Rgba32, values);
        }
    }

    public override string Describe(float value, long row) => FormattableString.Invariant($"must have an image in every row, but has none in row {row}.");
}
