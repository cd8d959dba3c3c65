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

    /// <summary>The text of the input's current row, in place of what the buffer holds.</summary>
    public ReadOnlySpan<byte> Read(Utf8Text buffer)
    {
        buffer.Clear();
        Append(buffer);
        return buffer.Bytes;
    }

    /// <summary>Adds the text of the input's current row to what the buffer holds.</summary>
    public abstract void Append(Utf8Text buffer);

    private sealed class Scalar(ValueGetter<ReadOnlyMemory<char>> getter) : TextInput
    {
        private ReadOnlyMemory<char> _text;

        public override void Append(Utf8Text buffer)
        {
            getter(ref _text);
            buffer.Append(_text.Span);
        }
    }

    private sealed class Vector(ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter) : TextInput
    {
        private VBuffer<ReadOnlyMemory<char>> _texts;

        public override void Append(Utf8Text buffer)
        {
            getter(ref _texts);
            foreach (ReadOnlyMemory<char> text in _texts.GetValues())
                buffer.Append(text.Span);
        }
    }
}
