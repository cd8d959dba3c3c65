using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.Persistence.Golden;

/// <summary>A model that an earlier version saved is read by this one and says what it said then.</summary>
[TestClass]
public sealed class GoldenModelTests
{
    public static IEnumerable<object[]> Names => GoldenModel.Names.Select(name => new object[] { name });

    [TestMethod, DynamicData(nameof(Names))]
    public void A_saved_model_says_what_it_said_when_it_was_saved(string name)
    {
        string folder = Repository.Path("test", "MLNet.Papers.Tests", "Persistence", "Golden");
        AssertSays(name, folder);
    }

    // Also how the files are made: where the variable names a folder, they stay there.
    [TestMethod, DynamicData(nameof(Names))]
    public void A_model_saved_now_says_what_it_says_now(string name)
    {
        string? kept = Environment.GetEnvironmentVariable("MLNET_PAPERS_GOLDEN");
        string folder = kept ?? Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            new GoldenModel(name).Write(folder);
            AssertSays(name, folder);
        }
        finally
        {
            if (kept is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void The_perceptron_has_the_classes_and_columns_it_was_saved_with()
    {
        using PrototypicalNetworkTransformer model = Load("perceptron");
        CollectionAssert.AreEqual(
            new[] { ("eins", 8L), ("zwei", 8L), ("leer", 0L), ("vier", 8L) },
            model.Prototypes.Select(prototype => (prototype.ClassName, prototype.Count)).ToArray());
        Assert.AreEqual(
            ("Features", "Label", "Embedding", 4, Distance.SquaredEuclidean),
            (model.FeatureColumnName, model.LabelColumnName, model.EmbeddingColumnName, model.EmbeddingSize, model.Distance));
        CollectionAssert.AreEqual(new[] { 7, 6 }, model.Architecture.HiddenUnits);
    }

    [TestMethod]
    public void The_convolution_has_the_classes_and_columns_it_was_saved_with()
    {
        using PrototypicalNetworkTransformer model = Load("convolution");
        Assert.AreEqual(
            (new ImageShape(1, 6, 6), 3, 2, 3, Distance.Cosine),
            (model.Architecture.ImageShape, model.Architecture.Filters, model.Architecture.Blocks, model.EmbeddingSize, model.Distance));
        DataViewSchema schema = model.GetOutputSchema(new GoldenModel("convolution").Rows.Schema);
        VBuffer<int> values = default;
        schema["PredictedLabel"].GetKeyValues(ref values);
        CollectionAssert.AreEqual(new[] { -10, 0, 10 }, values.DenseValues().ToArray());
    }

    private static PrototypicalNetworkTransformer Load(string name) =>
        (PrototypicalNetworkTransformer)new MLContext().Model.Load(
            Repository.Path("test", "MLNet.Papers.Tests", "Persistence", "Golden", $"{name}.zip"), out _);

    // Weights are equal to the bit. What is computed from them may differ in the last bits between processors, which add in different orders.
    private static void AssertSays(string name, string folder)
    {
        using var model = (PrototypicalNetworkTransformer)new MLContext().Model.Load(Path.Combine(folder, $"{name}.zip"), out DataViewSchema schema);
        Assert.AreEqual("Features", schema.Single().Name);
        string[] recorded = [.. File.ReadLines(Path.Combine(folder, $"{name}.txt")).Where(line => !line.StartsWith('#'))],
            said = [.. new GoldenModel(name).Describe(model)];
        Assert.HasCount(7, recorded);
        Assert.AreEqual(recorded[0], said[0]);
        foreach ((string expected, string actual) in recorded.Zip(said).Skip(1))
        {
            string[] expectedParts = expected.Split(" | "), actualParts = actual.Split(" | ");
            Assert.AreEqual(expectedParts[0], actualParts[0]);
            foreach ((double one, double other) in Numbers(expectedParts).Zip(Numbers(actualParts)))
                Assert.AreEqual(one, other, 1e-6 * Math.Max(1, Math.Abs(one)));
        }

        static IEnumerable<double> Numbers(string[] parts) =>
            parts.Skip(1).SelectMany(part => part.Split(' ')).Select(number => double.Parse(number, CultureInfo.InvariantCulture));
    }
}
