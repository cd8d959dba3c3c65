using Microsoft.ML;
using MLNet.Papers.Elmo;
using MLNet.Papers.Samples.Texts;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Benchmarks.Elmo;

/// <summary>The documentation of .NET as sentences, and the network that is measured on it: the one of the reproduction.</summary>
internal static class ElmoData
{
    private static readonly Lazy<string[]> Documentation = new(() => [.. ApiDocumentation.Lines(DotnetInstallation.DocumentationFiles()).Distinct()]);

    public static IReadOnlyList<string> Lines(int count) => Documentation.Value[..Math.Min(count, Documentation.Value.Length)];

    public static IDataView View(MLContext ml, int count) => PlainText.Rows(ml, Lines(count));

    public static ElmoOptions Options() => new()
    {
        MaxCharacters = 24,
        FilterWidths = [1, 2, 3, 4],
        FilterCounts = [16, 32, 64, 64],
        ProjectionSize = 64,
        CellSize = 192,
        BatchSize = 64,
        NegativeSamples = 512,
        MinWordCount = 3,
        Epochs = 1,
        Dropout = 0.1,
        Seed = 1,
    };

    public static TokenCorpus Corpus(MLContext ml, int count) =>
        TokenCorpus.Read(MLNet.Papers.Interop.Host.EnvironmentOf(ml.Transforms), View(ml, count), "Text", ElmoModel.MaxTokens, int.MaxValue);
}
