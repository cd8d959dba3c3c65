using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>Made-up sentences in which a word foretells the next one.</summary>
internal static class ElmoSentences
{
    private static readonly string[][] Chains =
    [
        ["the", "river", "runs", "down", "the", "valley"],
        ["a", "baker", "bakes", "fresh", "bread", "today"],
        ["my", "engine", "needs", "more", "oil", "again"],
    ];

    /// <summary>Which kind of sentence a row is.</summary>
    public static int KindOf(int row) => row % Chains.Length;

    public static string[] Tokens(int row)
    {
        string[] chain = Chains[KindOf(row)];
        return [.. chain.Take(3 + (row % 4))];
    }

    /// <summary>Texts, one of which is empty.</summary>
    public static MemoryColumn Texts(int rows) =>
        MemoryColumn.Texts("Text", Enumerable.Range(0, rows).Select(row => row == 5 ? "" : string.Join(' ', Tokens(row))));

    public static MemoryColumn TokenVectors(int rows) =>
        MemoryColumn.Vectors("Text", TextDataViewType.Instance, [.. Enumerable.Range(0, rows).Select(row => Vector(row == 5 ? [] : Tokens(row)))]);

    public static MemoryColumn Labels(int rows) =>
        MemoryColumn.Texts("Label", Enumerable.Range(0, rows).Select(row => KindOf(row).ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static VBuffer<ReadOnlyMemory<char>> Vector(string[] tokens) => new(tokens.Length, [.. tokens.Select(token => token.AsMemory())]);
}
