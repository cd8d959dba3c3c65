using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Papers.Codes;

/// <summary>Rows that were made, in memory, as one column.</summary>
internal sealed class RowView : IDataView
{
    private readonly float[][] _rows;
    private readonly ImageShape? _picture;

    /// <summary>Rows as vectors.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="dimensions">The dimensions of the vectors.</param>
    /// <param name="rows">The rows.</param>
    public RowView(string name, int[] dimensions, float[][] rows)
        : this(name, new VectorDataViewType(NumberDataViewType.Single, dimensions), rows)
    {
    }

    /// <summary>Rows as pictures.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="shape">Their shape, of one or three channels.</param>
    /// <param name="saysSize">Whether the type of the column says their size.</param>
    /// <param name="rows">The rows, from 0 to 1.</param>
    public RowView(string name, ImageShape shape, bool saysSize, float[][] rows)
        : this(name, saysSize ? new ImageDataViewType(shape.Height, shape.Width) : new ImageDataViewType(), rows) => _picture = shape;

    private RowView(string name, DataViewType type, float[][] rows)
    {
        _rows = rows;
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(name, type);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        return new Cursor(this, columnsNeeded.Any());
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private static MLImage Picture(float[] row, ImageShape shape)
    {
        byte[] pixels = new byte[shape.Height * shape.Width * 4];
        int plane = shape.Height * shape.Width;
        for (int pixel = 0; pixel < plane; pixel++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                float value = row[((shape.Channels == 1 ? 0 : channel) * plane) + pixel];
                pixels[(pixel * 4) + channel] = (byte)Math.Round(255 * Math.Clamp(value, 0, 1));
            }

            pixels[(pixel * 4) + 3] = byte.MaxValue;
        }

        return MLImage.CreateFromPixels(shape.Width, shape.Height, MLPixelFormat.Rgba32, pixels);
    }

    private sealed class Cursor(RowView view, bool isActive) : DataViewRowCursor
    {
        private long _next;

        public override long Position => _next - 1 is var position && position < view._rows.Length ? position : -1;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        private float[] Current => Position >= 0
            ? view._rows[Position]
            : throw new InvalidOperationException("The row has no values: its cursor stands before the first or after the last row.");

        public override bool MoveNext()
        {
            _next = Math.Min(_next + 1, view._rows.Length + 1L);
            return Position >= 0;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => isActive && column.Index == 0;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)Position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new InvalidOperationException($"Column '{column.Name}' is not active.");
            Delegate getter = view._picture is { } shape
                ? (ValueGetter<MLImage>)((ref MLImage picture) => picture = Picture(Current, shape))
                : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> row) =>
                {
                    VBufferEditor<float> editor = VBufferEditor.Create(ref row, Current.Length);
                    Current.CopyTo(editor.Values);
                    row = editor.Commit();
                });
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' has values of {column.Type.RawType}, not of {typeof(TValue)}.");
        }
    }
}
