using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>Models that an earlier version saved say what they said then: <c>Golden</c> holds each of the contract's cases with what it gave for a text.</summary>
[TestClass]
public sealed class SavedElmoTests
{
    private static readonly string[] Text = ["the", "river", "runs", "naïvely"];

    public static IEnumerable<object[]> Names => [["elmo"], ["language-model"], ["classifier"], ["tagger"]];

    [TestMethod, DynamicData(nameof(Names))]
    public void A_saved_model_says_what_it_said_when_it_was_saved(string name) => AssertSays(name, Repository.Path("test", "MLNet.Papers.Tests", "Elmo", "Golden"));

    // Also how the files are made: where the variable names a folder, they stay there.
    [TestMethod, DynamicData(nameof(Names))]
    public void A_model_saved_now_says_what_it_says_now(string name)
    {
        string? kept = Environment.GetEnvironmentVariable("MLNET_PAPERS_GOLDEN");
        string folder = kept ?? Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            var ml = new MLContext(1);
            IEstimatorCase single = name switch { "elmo" => new PretrainedElmoCase(), "language-model" => new ElmoCase(hasTokens: true), "classifier" => new ElmoClassifierCase(), _ => new ElmoTaggerCase() };
            IDataView data = single.Data(ml);
            ITransformer model = single.Create(ml, single.SmallestOptions()).Fit(data);
            File.WriteAllBytes(Path.Combine(folder, $"{name}.zip"), ModelFile.Save(ml, model, data.Schema));
            File.WriteAllText(Path.Combine(folder, $"{name}.txt"), string.Join(' ', Say(name, model).Select(number => number.ToString("R", CultureInfo.InvariantCulture))) + "\n");
            (model as IDisposable)?.Dispose();
            AssertSays(name, folder);
        }
        finally
        {
            if (kept is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Published_weights_saved_earlier_give_what_the_paper_says()
    {
        // The weights of the contract's case, mixed by 0.5, -1 and 2, and the greatest of each dimension.
        PublishedShape shape = new();
        double[][][] layers = new PlainElmo(shape, shape.Arrays()).Layers(Text);
        using var model = (ElmoTransformer)ModelFile.Load(File.ReadAllBytes(Repository.Path("test", "MLNet.Papers.Tests", "Elmo", "Golden", "elmo.zip")));
        float[] said = Say("elmo", model);
        for (int i = 0; i < said.Length; i++)
            Assert.AreEqual(Enumerable.Range(0, Text.Length).Max(token => (0.5 * layers[0][token][i]) - layers[1][token][i] + (2 * layers[2][token][i])), said[i], 1e-5);
    }

    private static void AssertSays(string name, string folder)
    {
        ITransformer model = ModelFile.Load(File.ReadAllBytes(Path.Combine(folder, $"{name}.zip")));
        float[] said = Say(name, model), expected = [.. File.ReadAllText(Path.Combine(folder, $"{name}.txt")).Trim().Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
        Assert.HasCount(expected.Length, said);
        for (int i = 0; i < said.Length; i++)
            Assert.AreEqual(expected[i], said[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"{name}, place {i}");
        (model as IDisposable)?.Dispose();
    }

    private static float[] Say(string name, ITransformer model)
    {
        var tokens = new VBuffer<ReadOnlyMemory<char>>(Text.Length, [.. Text.Select(token => token.AsMemory())]);
        float[] numbers = [.. Enumerable.Range(0, 12).Select(i => (i % 5) - 1.5f)];
        IDataView data = new MemoryView([name switch
        {
            "tagger" => MemoryColumn.Vectors("Vectors", NumberDataViewType.Single, [new VBuffer<float>(numbers.Length, numbers)]),
            "language-model" => MemoryColumn.Vectors("Text", TextDataViewType.Instance, [tokens]),
            _ => MemoryColumn.Texts("Text", [string.Join(' ', Text)]),
        }]);
        return model.Transform(data).GetColumn<float[]>(name is "elmo" or "language-model" ? "Features" : "Score").Single();
    }
}
