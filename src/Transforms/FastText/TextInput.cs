using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.FastText;

/// <summary>Reads a column of texts, or of vectors of texts, as UTF-8. The texts of a vector are taken as if spaces stood between them.</summary>
internal abstract class TextInput
{
    public static TextInput Create(DataViewRow input, string columnName)
    {
        DataViewSchema.Column column = input.Schema[columnName];
        return column.Type is VectorDataViewType
            ? new Vector(input.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column))
            : new Scalar(input.GetGetter<ReadOnlyMemory<char>>(column));
    }

    /// <summary>The text of the input's current row, in the buffer.</summary>
    public abstract ReadOnlySpan<byte> Read(Utf8Text buffer);

    private sealed class Scalar(ValueGetter<ReadOnlyMemory<char>> getter) : TextInput
    {
        private ReadOnlyMemory<char> _text;

        public override ReadOnlySpan<byte> Read(Utf8Text buffer)
        {
            getter(ref _text);
            return buffer.Encode(_text.Span);
        }
    }

    private sealed class Vector(ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter) : TextInput
    {
        private VBuffer<ReadOnlyMemory<char>> _texts;

        public override ReadOnlySpan<byte> Read(Utf8Text buffer)
        {
            getter(ref _texts);
            buffer.Clear();
            foreach (ReadOnlyMemory<char> text in _texts.GetValues())
                buffer.Append(text.Span);
            return buffer.Bytes;
        }
    }
}
