using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>Models that an earlier version saved are read by this one and say what they said then.</summary>
/// <remarks>
/// New files: with the variable MLNET_PAPERS_GOLDEN naming a folder, the second test leaves what it writes there. A file in Golden stays as it is: a change of
/// the format adds files,
/// and must read these.
/// </remarks>
[TestClass]
public sealed class SavedStudentTests
{
    public static IEnumerable<object[]> Names => [["student"], ["image-student"], ["born-again"], ["binary-student"]];

    [TestMethod, DynamicData(nameof(Names))]
    public void A_saved_model_says_what_it_said_when_it_was_saved(string name) =>
        AssertSays(name, Repository.Path("test", "MLNet.Papers.Tests", "Distillation", "Golden"));

    [TestMethod, DynamicData(nameof(Names))]
    public void A_model_saved_now_says_what_it_says_now(string name)
    {
        string? kept = Environment.GetEnvironmentVariable("MLNET_PAPERS_GOLDEN");
        string folder = kept ?? Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            ITransformer model = Train(name);
            new MLContext().Model.Save(model, Rows(name).Schema, Path.Combine(folder, $"{name}.zip"));
            File.WriteAllLines(Path.Combine(folder, $"{name}.txt"),
                [$"# What {name}.zip says of the rows of SavedStudentTests: the predicted label and the scores.", .. Describe(name, model)]);
            (model as IDisposable)?.Dispose();
            AssertSays(name, folder);
        }
        finally
        {
            if (kept is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static MemoryView Rows(string name) => Lessons.Rows(9, name == "image-student" ? 36 : Lessons.Size, seed: 77).Without("Label");

    private static ITransformer Train(string name)
    {
        MemoryView rows = Lessons.Rows(size: name == "image-student" ? 36 : Lessons.Size);
        var ml = new MLContext(1);
        switch (name)
        {
            case "born-again":
                var options = new BornAgainOptions { HiddenUnits = [4], Epochs = 4, Generations = 2, Output = BornAgainOutput.Ensemble };
                return ml.MulticlassClassification.Trainers.BornAgainNetwork(options: options).Fit(rows);
            case "binary-student":
                MemoryView binary =
                    rows.With(MemoryColumn.Values("Label", BooleanDataViewType.Instance, [.. Enumerable.Range(0, rows.Count).Select(row => row % 3 == 0)]));
                ITransformer teacher = ml.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(binary);
                return ml.BinaryClassification.Trainers.Distillation(teacher, options: new() { HiddenUnits = [4], Epochs = 4 }).Fit(binary);
            case "image-student":
                return ml.MulticlassClassification.Trainers.Distillation(Lessons.Linear(rows), options: new()
                {
                    ImageShape = new(1, 6, 6),
                    HiddenChannels = [4],
                    CoordinateLayers = CoordinateLayers.First,
                    WithRadius = true,
                    HiddenUnits = [],
                    Epochs = 4,
                }).Fit(rows);
            default:
                return ml.MulticlassClassification.Trainers.Distillation(Lessons.Linear(rows),
                    options: new() { HiddenUnits = [4, 3], Epochs = 4, Temperature = 2 }).Fit(rows);
        }
    }

    private static IEnumerable<string> Describe(string name, ITransformer model)
    {
        IDataView scored = model.Transform(Rows(name));
        if (name == "binary-student")
        {
            return scored.GetColumn<bool>("PredictedLabel").Zip(scored.GetColumn<float>("Score"), scored.GetColumn<float>("Probability"))
                .Select(row => Line(row.First, [row.Second, row.Third]));
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["PredictedLabel"].GetKeyValues(ref names);
        return scored.GetColumn<uint>("PredictedLabel").Zip(scored.GetColumn<float[]>("Score"), (key, scores) =>
            Line(names.GetItemOrDefault((int)key - 1), scores));

        static string Line(object label, float[] scores) =>
            $"{label} | {string.Join(" ", scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))}";
    }

    // What is computed from the weights may differ in the last bits between processors, which add in different orders.
    private static void AssertSays(string name, string folder)
    {
        ITransformer model = new MLContext().Model.Load(Path.Combine(folder, $"{name}.zip"), out DataViewSchema schema);
        Assert.AreEqual("Features", schema.Single().Name);
        string[] recorded = [.. File.ReadLines(Path.Combine(folder, $"{name}.txt")).Where(line => !line.StartsWith('#'))], said = [.. Describe(name, model)];
        Assert.HasCount(9, recorded);
        foreach ((string expected, string actual) in recorded.Zip(said))
        {
            Assert.AreEqual(expected.Split(" | ")[0], actual.Split(" | ")[0]);
            foreach ((double one, double other) in Numbers(expected).Zip(Numbers(actual)))
                Assert.AreEqual(one, other, 1e-6 * Math.Max(1, Math.Abs(one)));
        }

        (model as IDisposable)?.Dispose();

        static IEnumerable<double> Numbers(string line) => line.Split(" | ")[1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture));
    }
}
