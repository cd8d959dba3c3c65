using System.Text;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Texts;

/// <summary>
/// The words that a model can predict, by number: the marks of a sentence's ends and of unknown words, then the words, the most frequent first.
/// </summary>
internal sealed class TokenVocabulary : IModelPart<TokenVocabulary>
{
    /// <summary>The number of the mark before a sentence.</summary>
    public const int Begin = 0;

    /// <summary>The number of the mark behind a sentence.</summary>
    public const int End = 1;

    /// <summary>The number that stands for every word that has none.</summary>
    public const int Unknown = 2;

    /// <summary>How many numbers are not words.</summary>
    public const int Marks = 3;

    private readonly Dictionary<string, int> _numbers;

    /// <param name="words">The words, the most frequent first, each once.</param>
    public TokenVocabulary(IReadOnlyList<string> words)
    {
        Words = words;
        _numbers = new Dictionary<string, int>(words.Count);
        for (int i = 0; i < words.Count; i++)
            _numbers.Add(words[i], Marks + i);
    }

    /// <summary>The words from number <see cref="Marks"/> on.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>V, the marks counted.</summary>
    public int Count => Marks + Words.Count;

    /// <summary>The number of a word. A text that looks like a mark is a word like others.</summary>
    public int Find(string word) => _numbers.GetValueOrDefault(word, Unknown);

    /// <inheritdoc cref="Find(string)"/>
    public int Find(ReadOnlySpan<char> word) => _numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out int number) ? number : Unknown;

    /// <summary>The words that occur often enough, the most frequent first; of equally frequent ones the earlier in ordinal order.</summary>
    /// <param name="counts">How often each word occurs.</param>
    /// <param name="leastCount">How often a word must occur.</param>
    /// <param name="most">The most words.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public static TokenVocabulary Of(IEnumerable<KeyValuePair<string, int>> counts, int leastCount, int most, Action? check = null)
    {
        // Few counts are different: words of one count are sorted among themselves.
        return new(
            [.. counts.Where(IsFrequent).GroupBy(word => word.Value, word => word.Key).OrderByDescending(words => words.Key).SelectMany(InOrder).Take(most)]);

        bool IsFrequent(KeyValuePair<string, int> word)
        {
            check?.Invoke();
            return word.Value >= leastCount;
        }

        IEnumerable<string> InOrder(IEnumerable<string> words)
        {
            check?.Invoke();
            return words.Order(StringComparer.Ordinal);
        }
    }

    public void Write(ModelWriter writer, string block)
    {
        byte[][] words = [.. Words.Select(Encoding.Unicode.GetBytes)];
        writer.Write<int>($"{block}.lengths", Array.ConvertAll(words, word => word.Length), words.Length);
        byte[] all = [.. words.SelectMany(word => word)];
        writer.Write<byte>($"{block}.words", all, all.Length);
    }

    /// <exception cref="FormatException">The blocks are missing or do not hold words.</exception>
    public static TokenVocabulary Read(ModelReader reader, string block)
    {
        int[] lengths = reader.Read<int>($"{block}.lengths", -1);
        byte[] all = reader.Read<byte>($"{block}.words", -1);
        if (lengths.Any(length => length < 0 || length % 2 != 0) || lengths.Sum(length => (long)length) != all.Length)
            throw new FormatException($"Block '{block}.lengths' does not fit '{block}.words'.");
        string[] words = new string[lengths.Length];
        int start = 0;
        for (int i = 0; i < words.Length; start += lengths[i++])
            words[i] = Encoding.Unicode.GetString(all, start, lengths[i]);
        return words.Distinct().Count() == words.Length ? new(words) : throw new FormatException($"Block '{block}.words' has a word twice.");
    }
}
