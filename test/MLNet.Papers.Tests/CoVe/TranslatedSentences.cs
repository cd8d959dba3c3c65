using System.Globalization;
using System.Text;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>Made-up sentences and their translations, word for word and in another order: "red house" is "Haus rotes".</summary>
internal static class TranslatedSentences
{
    private static readonly string[] Colours = ["red", "green", "blue"];
    private static readonly string[] Nouns = ["house", "car", "boat", "dog"];
    private static readonly string[] Verbs = ["stands", "waits"];

    private static readonly Dictionary<string, string> German =
        "the=das red=rote green=grüne blue=blaue house=Haus car=Auto boat=Boot dog=Tier stands=steht waits=wartet"
            .Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>The words of all sentences.</summary>
    public static IEnumerable<string> Words => German.Keys;

    /// <summary>Vectors of length 8 for the words, but for one.</summary>
    public static FastTextModel Vectors()
    {
        var random = new Random(3);
        string[] words = [.. Words.Where(word => word != "dog")];
        IEnumerable<string> lines = words.Select(word =>
            word + string.Concat(Enumerable.Range(0, 8).Select(_ => " " + ((random.NextDouble() * 2) - 1).ToString("F4", CultureInfo.InvariantCulture))));
        return FastTextModel.Load(new MemoryStream(Encoding.UTF8.GetBytes($"{words.Length} 8\n{string.Join('\n', lines)}\n")));
    }

    public static string[] Source(int row)
    {
        string noun = Nouns[row % 4], colour = Colours[row % 3];
        return (row % 5) switch
        {
            0 => ["the", noun],
            1 or 2 => ["the", colour, noun],
            _ => ["the", colour, noun, Verbs[row % 2]],
        };
    }

    public static string[] Target(int row)
    {
        string[] words = [.. Source(row).Select(word => German[word])];
        if (words.Length > 2)
            (words[1], words[2]) = (words[2], words[1]);
        return words;
    }

    /// <summary>Columns Text and Target; row 5 has no text and row 7 no translation.</summary>
    public static IReadOnlyList<MemoryColumn> Columns(int rows, bool asTokens = false) =>
        [Column("Text", rows, row => row == 5 ? [] : Source(row), asTokens), Column("Target", rows, row => row == 7 ? [] : Target(row), asTokens)];

    private static MemoryColumn Column(string name, int rows, Func<int, string[]> tokens, bool asTokens)
    {
        IEnumerable<string[]> all = Enumerable.Range(0, rows).Select(tokens);
        return asTokens
            ? MemoryColumn.Vectors(
                name, TextDataViewType.Instance,
                [.. all.Select(row => new VBuffer<ReadOnlyMemory<char>>(row.Length, [.. row.Select(token => token.AsMemory())]))])
            : MemoryColumn.Texts(name, all.Select(row => string.Join(' ', row)));
    }
}
