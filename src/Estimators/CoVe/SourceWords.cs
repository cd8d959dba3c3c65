using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using MLNet.Papers.FastText;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>The table of the source's word vectors while a network is trained: row 0 has zeros and stands for words without a vector and for padding.</summary>
internal sealed class SourceWords
{
    private readonly Dictionary<string, int> _rows = [];

    private SourceWords(IReadOnlyList<string> words, float[]? values, int size)
    {
        (Words, Values, Size) = (words, values, size);
        for (int i = 0; i < words.Count; i++)
            _rows.Add(words[i], i + 1);
    }

    /// <summary>The words, from row 1 on.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The vectors that stay as they are, those of row 0 included; null where they are learned.</summary>
    public float[]? Values { get; }

    /// <summary>E.</summary>
    public int Size { get; }

    /// <summary>The root mean square that vectors to be learned begin with.</summary>
    public double InitialScale { get; private init; } = 1;

    /// <summary>How many rows there are.</summary>
    public int Count => Words.Count + 1;

    /// <summary>The given vectors of all words of some texts.</summary>
    /// <exception cref="InvalidOperationException">No word of the first texts has a vector.</exception>
    public static SourceWords Of(FastTextModel vectors, Action check, params IEnumerable<TokenCorpus> corpora)
    {
        var words = new List<string>();
        var values = new List<float>(new float[vectors.Dimension]);
        foreach (string word in corpora.SelectMany(corpus => corpus.Words).Distinct())
        {
            check();
            float[] vector = vectors.GetWordVector(word);
            if (!vector.AsSpan().ContainsAnyExcept(0f))
                continue;
            words.Add(word);
            values.AddRange(vector);
        }

        TokenCorpus first = corpora.First();
        var table = new SourceWords(words, [.. values], vectors.Dimension);
        return table.RowsOf(first).Any(row => row > 0)
            ? table
            : throw new InvalidOperationException(
                $"None of the {first.Words.Count} different words of column '{first.Column}' has a vector in WordVectors, " +
                $"which have {vectors.Words.Count} words. Give vectors of the same language and spelling.");
    }

    /// <summary>Vectors to be learned.</summary>
    /// <exception cref="InvalidOperationException">No word occurs often enough.</exception>
    public static SourceWords Learned(TokenCorpus corpus, TranslationOptions options, Action? check = null)
    {
        // What no file of word vectors could hold has no vector.
        IReadOnlyList<string> words = [.. corpus.Vocabulary(options.MinSourceCount, options.MaxSourceVocabulary, check).Words.Where(IsStorable)];
        return words.Count > 0
            ? new(words, null, options.EmbeddingSize) { InitialScale = options.InitialVectorScale }
            : throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{corpus.Column}' has no word that occurs at least MinSourceCount = {options.MinSourceCount} times; ") +
                FormattableString.Invariant($"its rows have {corpus.Words.Count} different ones. Lower MinSourceCount or add rows."));
    }

    /// <summary>The row of each word of a corpus.</summary>
    public int[] RowsOf(TokenCorpus corpus) => [.. corpus.Words.Select(word => _rows.GetValueOrDefault(word))];

    /// <summary>The words as a file of word vectors has them.</summary>
    public IReadOnlyList<DictionaryEntry> Entries() => [.. Words.Select(word => new DictionaryEntry(Encoding.UTF8.GetBytes(word), 1, IsLabel: false))];

    /// <summary>A hash of the vectors that are given.</summary>
    public ulong Hash() => XxHash64.HashToUInt64(MemoryMarshal.AsBytes(Values.AsSpan()));

    private static bool IsStorable(string word) =>
        word.Length > 0 && word.EnumerateRunes().All(letter => letter != Rune.ReplacementChar && letter.Value != 0 && !Rune.IsWhiteSpace(letter));
}
