using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Made-up sentences of documents, each about one thing, in which words foretell those beside them.</summary>
internal static class BertSentences
{
    /// <summary>Sentences of a document.</summary>
    public const int SentencesOfADocument = 5;

    private static readonly string[][] Words =
    [
        ["the", "river", "runs", "quickly", "down", "the", "green", "valley", "to", "the", "sea"],
        ["a", "baker", "bakes", "fresh", "bread", "early", "in", "his", "warm", "oven"],
        ["my", "old", "engine", "needs", "more", "oil", "again", "before", "winter", "comes"],
    ];

    /// <summary>Which kind of sentence a row is, which is that of its document.</summary>
    public static int KindOf(int row) => row / SentencesOfADocument % Words.Length;

    /// <summary>A sentence: the words of its kind from some word on, round and round.</summary>
    public static string Sentence(int row)
    {
        string[] words = Words[KindOf(row)];
        return string.Join(' ', Enumerable.Range(row % 4, 12 + (row % 7)).Select(place => words[place % words.Length])) + ".";
    }

    /// <summary>Texts, one of which is empty.</summary>
    public static MemoryColumn Texts(int rows) => MemoryColumn.Texts("Text", Enumerable.Range(0, rows).Select(row => row == 5 ? "" : Sentence(row)));

    /// <summary>The document of each row.</summary>
    public static MemoryColumn Documents(int rows, string name = "Document") =>
        MemoryColumn.Texts(name, Enumerable.Range(0, rows).Select(row => FormattableString.Invariant($"document {row / SentencesOfADocument}")));
}
