using Microsoft.ML;
using MLNet.Papers.Bert;
using MLNet.Papers.Samples.Bert;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Benchmarks.Bert;

/// <summary>The documentation of .NET, in no order, and a published encoder, MiniLM: 6 layers of 384 numbers.</summary>
internal static class BertData
{
    /// <summary>The most pieces of a text.</summary>
    public const int MaxLength = 128;

    private static readonly Lazy<string[]> Documentation = new(() =>
    {
        string[] lines = [.. ApiDocumentation.Lines(DotnetInstallation.DocumentationFiles()).Distinct()];
        new Random(1).Shuffle(lines);
        return lines;
    });

    public static string[] Lines(int count) => [.. All(count)];

    public static IDataView View(MLContext ml, int count) => PlainText.Rows(ml, All(count));

    /// <summary>The encoder, with a text's vector as it is published: the mean of those of its pieces, made one long.</summary>
    public static BertTransformer Transformer(MLContext ml) => ml.Transforms.Text.ApplyBert(
        "Features", "Text", PackagedEncoder.MiniLM.ModelPath, PackagedEncoder.MiniLM.VocabularyPath,
        new() { Pooling = Pooling.Mean, Normalize = true }, new() { MaxLength = MaxLength }).Fit(View(ml, 1));

    /// <summary>An encoder of 2 layers of 128 numbers, hardly trained.</summary>
    public static BertTransformer Small(MLContext ml) => ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", new()
    {
        MaxLength = MaxLength,
        TimeLimit = TimeSpan.FromSeconds(1),
    }).Fit(View(ml, 1_000));

    /// <summary>The pieces of texts.</summary>
    public static BertBatch Pieces(IEnumerable<string> texts)
    {
        using BertTransformer bert = Transformer(new MLContext(seed: 1));
        var read = new BertTexts(bert.Model);
        foreach (string text in texts)
            read.Add(text);
        return read.Batch;
    }

    private static IEnumerable<string> All(int count) => Enumerable.Range(0, count).Select(i => Documentation.Value[i % Documentation.Value.Length]);
}
