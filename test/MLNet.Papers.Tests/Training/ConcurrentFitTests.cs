using Microsoft.ML;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoVe;
using MLNet.Papers.Tests.Elmo;
using MLNet.Papers.Tests.PrototypicalNetworks;
using TorchSharp;

namespace MLNet.Papers.Tests.Training;

/// <summary>Fits that run at the same time give what each gives alone: initial weights, dropout and what else is drawn belong to the fit.</summary>
[TestClass]
public sealed class ConcurrentFitTests
{
    private const int Fits = 3;

    [TestMethod]
    public void Language_models() => AssertSame(seed =>
    {
        MemoryView data = new([ElmoSentences.Texts(30)]);
        var options = new ElmoOptions
        {
            ProjectionSize = 8,
            CellSize = 12,
            FilterWidths = [1, 2],
            FilterCounts = [4, 4],
            MaxCharacters = 12,
            MinWordCount = 1,
            BatchSize = 2,
            WindowLength = 5,
            Epochs = 2,
            Dropout = 0.3,
            Seed = seed,
        };
        using ElmoTransformer elmo = new MLContext().Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options).Fit(data);
        return Vectors(elmo, data, "Features");
    });

    [TestMethod]
    public void Translations() => AssertSame(seed =>
    {
        MemoryView data = new(TranslatedSentences.Columns(24));
        var options = new CoVeOptions
        {
            EmbeddingSize = 16,
            HiddenSize = 8,
            ValidationFraction = 0,
            BatchSize = 4,
            Epochs = 2,
            Dropout = 0.3,
            Seed = seed,
        };
        using CoVeTransformer cove = new MLContext().Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", options).Fit(data);
        return Vectors(cove, data, "Features");
    });

    [TestMethod]
    public void Few_shot_networks() => AssertSame(seed =>
    {
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: 20);
        (options.ImageShape, options.Filters, options.Blocks, options.Seed) = (new ImageShape(1, 5, 5), 3, 1, seed);
        using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(), Clusters.Keyed(6, 7, 25, spread: 0.5), options);
        return [.. model.Architecture.Weights().SelectMany(weight => model.Weights[weight.Name])];
    });

    private static float[] Vectors(ITransformer model, IDataView data, string name)
    {
        IDataView scored = model.Transform(data);
        return [.. Table.Read(scored, [scored.Schema[name]]).Columns.Single().Value.SelectMany(row => (float[])row)];
    }

    private static void AssertSame(Func<int, float[]> fit)
    {
        float[][] alone = [.. Enumerable.Range(1, Fits).Select(fit)], together = new float[Fits][];
        Thread[] threads = [.. Enumerable.Range(0, Fits).Select(i => new Thread(() =>
        {
            torch.set_num_threads(1);
            together[i] = fit(i + 1);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        for (int i = 0; i < Fits; i++)
            CollectionAssert.AreEqual(alone[i], together[i], $"fit {i}");
        CollectionAssert.AreNotEqual(alone[0], alone[1]);
    }
}
