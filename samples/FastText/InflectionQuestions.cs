using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.FastText;

/// <summary>A question of the kind: "walk" is to "walking" as "look" is to which word?</summary>
/// <param name="Category">The tags of both forms, such as <c>vb-vbg</c>.</param>
/// <param name="A">A word.</param>
/// <param name="AInflected">Its inflected form.</param>
/// <param name="B">Another word.</param>
/// <param name="Answer">The form of the other word that is asked for.</param>
internal sealed record InflectionQuestion(string Category, string A, string AInflected, string B, string Answer);

/// <summary>Questions about inflection, made from a corpus with parts of speech.</summary>
internal static class InflectionQuestions
{
    private const int OfCategory = 280;
    private const int LeastCount = 10;
    private const int ShortestWord = 3;

    // Words of many parts of speech would make pairs by accident: a form counts if every fifth occurrence has its tag.
    private const double LeastShare = 0.2;

    private static readonly (string Base, string Inflected, Func<string, IEnumerable<string>> Spellings)[] Categories =
    [
        ("nn", "nns", WithS),
        ("vb", "vbg", word => With(word, "ing")),
        ("vb", "vbd", word => With(word, "ed")),
        ("vb", "vbn", word => With(word, "ed")),
        ("jj", "rb", WithLy),
        ("vb", "vbz", WithS),
        ("jj", "jjr", word => With(word, "er")),
    ];

    /// <summary>280 questions of each of seven kinds of regular inflection, from words that occur at least ten times.</summary>
    public static IReadOnlyList<InflectionQuestion> Of(IReadOnlyList<TaggedWord[]> sentences, int seed)
    {
        var counts = new Dictionary<string, int>();
        var tagCounts = new Dictionary<TaggedWord, int>();
        foreach (TaggedWord word in sentences.SelectMany(sentence => sentence))
        {
            counts[word.Word] = counts.GetValueOrDefault(word.Word) + 1;
            tagCounts[word] = tagCounts.GetValueOrDefault(word) + 1;
        }

        string[] words = [.. counts.Keys.Where(word => word.Length >= ShortestWord && word.All(char.IsAsciiLetter)).Order(StringComparer.Ordinal)];
        var random = new Random(seed);
        return [.. Categories.SelectMany(category =>
        {
            (string, string)[] pairs = [.. words
                .Where(word => Is(word, category.Base))
                .SelectMany(word => category.Spellings(word).Where(form => Is(form, category.Inflected)).Take(1).Select(form => (word, form)))];
            return Draw(pairs, $"{category.Base}-{category.Inflected}", random);
        })];

        bool Is(string word, string tag) => counts.GetValueOrDefault(word) is >= LeastCount and var count
            && tagCounts.GetValueOrDefault(new TaggedWord(word, tag)) >= LeastShare * count;
    }

    private static IEnumerable<InflectionQuestion> Draw((string Base, string Inflected)[] pairs, string category, Random random)
    {
        if ((long)pairs.Length * (pairs.Length - 1) < OfCategory)
        {
            throw new InputException(
                $"The corpus has only {pairs.Length} pairs of {category}, too few for {OfCategory} questions: it must be the whole Brown corpus.");
        }

        var drawn = new HashSet<(int, int)>();
        while (drawn.Count < OfCategory)
        {
            int first = random.Next(pairs.Length), second = random.Next(pairs.Length);
            if (first != second && drawn.Add((first, second)))
                yield return new InflectionQuestion(category, pairs[first].Base, pairs[first].Inflected, pairs[second].Base, pairs[second].Inflected);
        }
    }

    private static IEnumerable<string> WithS(string word)
    {
        if (EndsWithConsonantAndY(word))
            yield return word[..^1] + "ies";
        else if (word[^1] is 's' or 'x' or 'z' || word.EndsWith("ch", StringComparison.Ordinal) || word.EndsWith("sh", StringComparison.Ordinal))
            yield return word + "es";
        else
            yield return word + "s";
        if (word[^1] == 'o')
            yield return word + "es";
    }

    private static IEnumerable<string> With(string word, string ending)
    {
        if (word[^1] == 'e' && (ending != "ing" || word[^2] != 'e'))
            yield return word[..^1] + ending;
        else if (EndsWithConsonantAndY(word) && ending != "ing")
            yield return word[..^1] + "i" + ending;
        else
            yield return word + ending;
        // stop, stopping
        if (!IsVowel(word[^1]) && IsVowel(word[^2]) && !IsVowel(word[^3]))
            yield return word + word[^1] + ending;
    }

    private static IEnumerable<string> WithLy(string word)
    {
        if (word[^1] == 'y')
            yield return word[..^1] + "ily";
        else if (word.EndsWith("le", StringComparison.Ordinal))
            yield return word[..^1] + "y";
        else if (word.EndsWith("ic", StringComparison.Ordinal))
            yield return word + "ally";
        else
            yield return word + "ly";
    }

    private static bool EndsWithConsonantAndY(string word) => word[^1] == 'y' && !IsVowel(word[^2]);

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u';
}
