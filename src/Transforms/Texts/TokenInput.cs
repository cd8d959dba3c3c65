using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Texts;

/// <summary>Reads the tokens of a column: the texts of a vector as they are, or what stands between the white space of one text.</summary>
internal abstract class TokenInput
{
    public static TokenInput Create(DataViewRow input, string columnName)
    {
        DataViewSchema.Column column = input.Schema[columnName];
        return column.Type is VectorDataViewType
            ? new Vector(input, column)
            : new Scalar(input.GetGetter<ReadOnlyMemory<char>>(column));
    }

    /// <summary>Replaces what the list holds by the tokens of the input's current row.</summary>
    /// <param name="tokens">Receives pieces of the row's text, which last until its cursor moves on.</param>
    public abstract void Read(List<ReadOnlyMemory<char>> tokens);

    /// <summary>Finds what stands between the white space of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Its tokens, which replace what the list holds.</param>
    /// <param name="starts">Where they begin, which replaces what the list holds; null where nobody asks.</param>
    public static void Split(ReadOnlyMemory<char> text, List<ReadOnlyMemory<char>> tokens, List<int>? starts = null)
    {
        tokens.Clear();
        starts?.Clear();
        ReadOnlySpan<char> characters = text.Span;
        for (int start = 0; start < characters.Length;)
        {
            int end = start;
            while (end < characters.Length && !char.IsWhiteSpace(characters[end]))
                end++;
            if (end > start)
            {
                tokens.Add(text[start..end]);
                starts?.Add(start);
            }

            start = end + 1;
        }
    }

    private sealed class Scalar(ValueGetter<ReadOnlyMemory<char>> getter) : TokenInput
    {
        private ReadOnlyMemory<char> _text;

        public override void Read(List<ReadOnlyMemory<char>> tokens)
        {
            getter(ref _text);
            Split(_text, tokens);
        }
    }

    private sealed class Vector(DataViewRow input, DataViewSchema.Column column) : TokenInput
    {
        private readonly ValueGetter<VBuffer<ReadOnlyMemory<char>>> _getter = input.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        private VBuffer<ReadOnlyMemory<char>> _texts;

        // What a sparse vector leaves out is an empty token.
        public override void Read(List<ReadOnlyMemory<char>> tokens)
        {
            _getter(ref _texts);
            InputColumns.RequireLength(column, _texts.Length, input.Position);
            tokens.Clear();
            tokens.AddRange(_texts.DenseValues());
        }
    }
}
