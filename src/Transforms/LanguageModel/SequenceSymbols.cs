using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Labels;
using MLNet.Papers.Persistence;
using MLNet.Papers.Texts;

namespace MLNet.Papers.LanguageModel;

/// <summary>
/// What a model takes the tokens of rows for: 0 is the edge of a row, read before its first token and predicted behind its last one. Of texts, 1 stands for
/// every token that is not known, and from 2 on stand those that are; keys have their own numbers, from 1.
/// </summary>
/// <param name="Form">How rows hold their tokens.</param>
/// <param name="Level">What the tokens of a text are.</param>
/// <param name="Length">The length of all vectors; 0 where it differs from row to row, and for texts.</param>
/// <param name="KeyCount">How many different keys there are; 0 for texts.</param>
/// <param name="KeyBytes">The bytes of a key.</param>
/// <param name="HasUnknown">Whether there were unknown tokens in training.</param>
/// <param name="Vocabulary">The tokens that are known; null for keys.</param>
/// <param name="Keys">What the keys stand for; null where they have no such values, and for texts.</param>
[Block("symbols")]
internal sealed record SequenceSymbols(
    SequenceForm Form, TokenLevel Level, int Length, int KeyCount, int KeyBytes, bool HasUnknown, TokenVocabulary? Vocabulary, ClassLabels? Keys) : IModelRecord
{
    /// <summary>The edge of a row.</summary>
    public const int Edge = 0;

    /// <summary>A token that is not known, where tokens are texts.</summary>
    public const int Unknown = 1;

    private static readonly Type[] KeyTypes = [typeof(byte), typeof(ushort), typeof(uint), typeof(ulong)];

    /// <summary>V, the edge included.</summary>
    public int Count => Vocabulary is null ? KeyCount + 1 : Vocabulary.Count - TokenVocabulary.End;

    /// <summary>Whether rows may have tokens that the model does not know.</summary>
    public bool AreOpen => Vocabulary is not null;

    /// <summary>What the rows of a column hold.</summary>
    /// <param name="column">A column that was checked.</param>
    /// <param name="level">What the tokens of a text are.</param>
    /// <param name="vocabulary">The tokens that are known; null for keys.</param>
    /// <param name="hasUnknown">Whether there are others.</param>
    public static SequenceSymbols Of(DataViewSchema.Column column, TokenLevel level, TokenVocabulary? vocabulary, bool hasUnknown)
    {
        var vector = column.Type as VectorDataViewType;
        var key = vector?.ItemType as KeyDataViewType;
        return new(
            SequenceColumn.FormOf(column), level, vector?.Size ?? 0, SequenceColumn.KeyCountOf(column),
            key is null ? 0 : 1 << Array.IndexOf(KeyTypes, key.RawType), hasUnknown, vocabulary,
            key is not null && ClassLabels.TypeOfKeyValues(column) is not null ? ClassLabels.Of(column) : null);
    }

    /// <summary>The number of a token that is a text.</summary>
    public int Find(ReadOnlySpan<char> token) => Vocabulary!.Find(token) - TokenVocabulary.End;

    /// <summary>Rows of some tokens, as the training's rows held theirs.</summary>
    /// <param name="columnName">The name of the column.</param>
    /// <param name="rows">The tokens of each row; none is unknown.</param>
    public IDataView ToRows(string columnName, int[][] rows)
    {
        if (Form == SequenceForm.Text)
        {
            string between = Level == TokenLevel.Word ? " " : "";
            return ColumnView.Of(columnName, TextDataViewType.Instance, Array.ConvertAll(rows, row => string.Join(between, row.Select(TextOf)).AsMemory()));
        }

        if (Form == SequenceForm.Tokens)
            return Vectors(TextDataViewType.Instance, null, token => TextOf(token).AsMemory());
        var type = new KeyDataViewType(KeyTypes[int.Log2(KeyBytes)], KeyCount);
        var annotations = new DataViewSchema.Annotations.Builder();
        Keys?.AddKeyValues(annotations);
        return KeyBytes switch
        {
            1 => Vectors(type, annotations, token => (byte)token),
            2 => Vectors(type, annotations, token => (ushort)token),
            4 => Vectors(type, annotations, token => (uint)token),
            _ => Vectors(type, annotations, token => (ulong)token),
        };

        string TextOf(int token) => Vocabulary!.Words[token - Unknown - 1];

        IDataView Vectors<T>(PrimitiveDataViewType itemType, DataViewSchema.Annotations.Builder? annotations, Func<int, T> convert) => ColumnView.Of(
            columnName, new VectorDataViewType(itemType, Length), annotations?.ToAnnotations(),
            Array.ConvertAll(rows, row => new VBuffer<T>(row.Length, [.. row.Select(convert)])));
    }

    public string? FindFault()
    {
        bool areKeys = Form == SequenceForm.Keys;
        if (Length < 0 || KeyCount < 0 || areKeys != (KeyCount > 0) || areKeys != (Vocabulary is null) || areKeys != (KeyBytes is 1 or 2 or 4 or 8)
            || (!areKeys && KeyBytes != 0))
        {
            return FormattableString.Invariant($"Block 'symbols' has {KeyCount} keys of {KeyBytes} bytes in vectors of {Length}, which do not fit {Form}.");
        }

        if (areKeys && KeyBytes < 4 && KeyCount >= 1 << (8 * KeyBytes))
            return FormattableString.Invariant($"Block 'symbols' has {KeyCount} keys of {KeyBytes} bytes.");
        return Vocabulary is { Words.Count: 0 } ? "Block 'vocabulary' has no tokens."
            : Keys is not null && Keys.Count != KeyCount ? FormattableString.Invariant($"Block 'keys' has {Keys.Count} values of {KeyCount} keys.")
            : null;
    }
}
