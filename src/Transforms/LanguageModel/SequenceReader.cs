using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML;
using MLNet.Papers.Labels;
using MLNet.Papers.Texts;

namespace MLNet.Papers.LanguageModel;

/// <summary>Gives a token its number.</summary>
/// <param name="token">The token, which lasts until the next one.</param>
internal delegate int TokenNumber(ReadOnlySpan<char> token);

/// <summary>Reads the tokens of a column of sequences as numbers.</summary>
internal abstract class SequenceReader
{
    /// <param name="row">The row.</param>
    /// <param name="columnName">The column, which was checked.</param>
    /// <param name="level">What the tokens of a text are.</param>
    /// <param name="number">The number of a token that is a text; keys have their own, from 1.</param>
    public static SequenceReader Create(DataViewRow row, string columnName, TokenLevel level, TokenNumber number) =>
        SequenceColumn.FormOf(row.Schema[columnName]) switch
        {
            SequenceForm.Keys => new KeyReader(row, columnName),
            SequenceForm.Text when level == TokenLevel.Character => new CharacterReader(row, columnName, number),
            _ => new WordReader(TokenInput.Create(row, columnName), number),
        };

    /// <summary>The tokens of the current row; they last until the next call.</summary>
    /// <exception cref="InvalidOperationException">A key is missing, or the length of a vector is not that of the column's type.</exception>
    public abstract ReadOnlySpan<int> Read();

    private sealed class KeyReader(DataViewRow row, string columnName) : SequenceReader
    {
        private readonly KeyInput _keys = KeyInput.Create(row, columnName);
        private readonly List<int> _numbers = [];

        public override ReadOnlySpan<int> Read()
        {
            _numbers.Clear();
            foreach (int key in _keys.ReadAll())
            {
                if (key < 0)
                {
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"Column '{columnName}' must have no missing keys, but has one in row {row.Position}. Leave it out of the row's vector."));
                }

                _numbers.Add(key + 1);
            }

            return CollectionsMarshal.AsSpan(_numbers);
        }
    }

    private sealed class CharacterReader(DataViewRow row, string columnName, TokenNumber number) : SequenceReader
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[columnName]);
        private readonly List<int> _numbers = [];
        private ReadOnlyMemory<char> _text;

        public override ReadOnlySpan<int> Read()
        {
            _getter(ref _text);
            _numbers.Clear();
            ReadOnlySpan<char> text = _text.Span;
            while (!text.IsEmpty)
            {
                // Half of a pair is a character of its own.
                Rune.DecodeFromUtf16(text, out _, out int length);
                _numbers.Add(number(text[..length]));
                text = text[length..];
            }

            return CollectionsMarshal.AsSpan(_numbers);
        }
    }

    private sealed class WordReader(TokenInput input, TokenNumber number) : SequenceReader
    {
        private readonly List<ReadOnlyMemory<char>> _tokens = [];
        private readonly List<int> _numbers = [];

        public override ReadOnlySpan<int> Read()
        {
            input.Read(_tokens);
            _numbers.Clear();
            foreach (ReadOnlyMemory<char> token in _tokens)
                _numbers.Add(number(token.Span));
            return CollectionsMarshal.AsSpan(_numbers);
        }
    }
}
