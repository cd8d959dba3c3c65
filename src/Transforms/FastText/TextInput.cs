using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.FastText;

/// <summary>Reads a column of texts, or of vectors of texts, as UTF-8. The texts of a vector are taken as if spaces stood between them.</summary>
internal abstract class TextInput
{
    public static TextInput Create(DataViewRow input, string columnName)
    {
        DataViewSchema.Column column = input.Schema[columnName];
        return column.Type is VectorDataViewType
            ? new Vector(input, column)
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

    private sealed class Vector(DataViewRow input, DataViewSchema.Column column) : TextInput
    {
        private readonly ValueGetter<VBuffer<ReadOnlyMemory<char>>> _getter = input.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        private VBuffer<ReadOnlyMemory<char>> _texts;

        public override void Append(Utf8Text buffer)
        {
            _getter(ref _texts);
            InputColumns.RequireLength(column, _texts.Length, input.Position);
            foreach (ReadOnlyMemory<char> text in _texts.GetValues())
                buffer.Append(text.Span);
        }
    }
}
