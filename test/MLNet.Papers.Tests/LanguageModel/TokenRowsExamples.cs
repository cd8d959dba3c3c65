using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.LanguageModel;

/// <summary>Small sets of rows in which a token foretells the next one.</summary>
internal static class TokenRowsExamples
{
    public const int Rows = 24;
    public const int FixedLength = 4;
    private const int Symbols = 5;

    private static readonly string[] Words = ["the", "river", "runs", "down", "again"];

    /// <summary>The options with which a case learns.</summary>
    public static LanguageModelOptions Options(TokenRowsKind kind, int epochs) => new()
    {
        Kind = kind == TokenRowsKind.Characters ? LanguageModelKind.Lstm : kind == TokenRowsKind.Words ? LanguageModelKind.Janet : LanguageModelKind.TrellisNet,
        Level = kind == TokenRowsKind.Characters ? TokenLevel.Character : TokenLevel.Word,
        EmbeddingSize = kind == TokenRowsKind.Words ? null : 3,
        HiddenSize = 4,
        Layers = kind == TokenRowsKind.Words ? 2 : 1,
        TieWeights = kind != TokenRowsKind.Characters,
        Levels = 3,
        KernelSize = kind == TokenRowsKind.Keys ? 3 : 2,
        Dilations = [1, 2],
        WeightNorm = kind != TokenRowsKind.Keys,
        HiddenDropout = kind == TokenRowsKind.Tokens ? 0.1 : 0,
        WeightDropout = kind == TokenRowsKind.Tokens ? 0.1 : 0,
        MinCount = kind == TokenRowsKind.Words ? 2 : 1,
        WindowLength = 5,
        History = 2,
        FeaturesColumnName = kind == TokenRowsKind.Characters ? "Features" : null,
        Epochs = epochs,
        BatchSize = 6,
    };

    /// <summary>The rows under the name "Text"; but for vectors of known length one is empty.</summary>
    public static MemoryColumn Column(TokenRowsKind kind) => kind switch
    {
        TokenRowsKind.Keys => MemoryColumn.Vectors(
            "Text", new KeyDataViewType(typeof(uint), Symbols),
            [.. Enumerable.Range(0, Rows).Select(row => Vector([.. Tokens(row, Length(row)).Select(token => (uint)token + 1)]))]),
        TokenRowsKind.Tokens => MemoryColumn.Vectors(
            "Text", TextDataViewType.Instance,
            [.. Enumerable.Range(0, Rows).Select(row => Vector([.. Tokens(row, FixedLength).Select(token => Words[token].AsMemory())]))], FixedLength),
        TokenRowsKind.Words => MemoryColumn.Texts(
            "Text",
            Enumerable.Range(0, Rows).Select(row => $"{string.Join(' ', Tokens(row, Length(row)).Select(token => Words[token]))}{(row == 7 ? " once" : "")}")),
        _ => MemoryColumn.Texts(
            "Text", Enumerable.Range(0, Rows).Select(row => string.Concat(Tokens(row, Length(row)).Select(token => token == 4 ? "🙂" : $"{"abcd"[token]}")))),
    };

    /// <summary>Inputs that must fail.</summary>
    public static IEnumerable<RejectedInput> Rejected(MemoryView rows)
    {
        yield return new("Text", "missing", rows.Without("Text"));
        yield return new("Text", "a number", rows.With(MemoryColumn.Values("Text", NumberDataViewType.Single, new float[Rows])));
        yield return new("Text", "numbers", rows.With(MemoryColumn.Vectors("Text", [.. Enumerable.Repeat(new float[3], Rows)])));
    }

    private static int Length(int row) => row == 6 ? 0 : 2 + (row % 7);

    private static int[] Tokens(int row, int length)
    {
        var random = new Random(row);
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++)
            tokens[i] = i == 0 ? row % Symbols : (tokens[i - 1] + (random.Next(4) == 0 ? 2 : 1)) % Symbols;
        return tokens;
    }

    private static VBuffer<T> Vector<T>(T[] values) => new(values.Length, values);
}
