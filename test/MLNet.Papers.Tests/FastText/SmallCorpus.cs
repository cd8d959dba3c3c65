using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Made-up sentences about three matters, whose words keep to themselves.</summary>
internal static class SmallCorpus
{
    private static readonly string[][] Matters =
    [
        ["bread", "butter", "cheese", "kitchen", "baker", "oven", "salted", "tasty"],
        ["engine", "wheel", "garage", "driver", "motor", "brakes", "faster", "petrol"],
        ["river", "mountain", "valley", "forest", "hiking", "trails", "stones", "weather"],
    ];

    public static IReadOnlyList<string> Names { get; } = ["food", "cars", "nature"];

    /// <summary>The matter of a row.</summary>
    public static int MatterOf(int row) => row % 3;

    public static IReadOnlyList<string> WordsOf(int matter) => Matters[matter];

    /// <summary>Sentences of seven words.</summary>
    public static IEnumerable<string> Sentences(int rows)
    {
        var random = new Random(3);
        for (int row = 0; row < rows; row++)
            yield return $"the {string.Join(' ', random.GetItems(Matters[MatterOf(row)], 5))} is";
    }

    public static MemoryColumn Texts(int rows) => MemoryColumn.Texts("Text", Sentences(rows));

    public static MemoryColumn Tokens(int rows) => MemoryColumn.Vectors("Text", TextDataViewType.Instance, [.. Sentences(rows).Select(Split)]);

    public static MemoryColumn Labels(int rows) =>
        MemoryColumn.Keys("Label", [.. Enumerable.Range(0, rows).Select(row => (uint)MatterOf(row) + 1)], [.. Names]);

    /// <summary>The matter of a row and, in every fourth row, the next one too.</summary>
    public static MemoryColumn SeveralLabels(int rows) => MemoryColumn.Vectors(
        "Label",
        new KeyDataViewType(typeof(uint), Names.Count),
        [
            .. Enumerable.Range(0, rows)
                .Select(row => row % 4 == 0 ? Keys((uint)MatterOf(row) + 1, (uint)((MatterOf(row) + 1) % 3) + 1) : Keys((uint)MatterOf(row) + 1)),
        ]);

    private static VBuffer<uint> Keys(params uint[] keys) => new(keys.Length, keys);

    private static VBuffer<ReadOnlyMemory<char>> Split(string text)
    {
        ReadOnlyMemory<char>[] words = [.. text.Split(' ').Select(word => word.AsMemory())];
        return new VBuffer<ReadOnlyMemory<char>>(words.Length, words);
    }
}
