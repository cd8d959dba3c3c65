using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.Images;

/// <summary>Everything that learns from images takes a folder of picture files as it takes vectors of pixels.</summary>
[TestClass]
public sealed class PictureLearnersTests
{
    private const int Side = 8;
    private const int Each = 6;

    private static readonly string Folder = Directory.CreateTempSubdirectory("pictures").FullName;
    private static readonly string[] Classes = ["across", "down", "corner"];
    private static readonly ImageShape Shape = new(3, Side, Side);

    private static TransformerChain<ITransformer>? _teacher;

    private readonly MLContext _ml = new(seed: 1);

    private sealed record Row(string Path, string Label);

    public static IEnumerable<object[]> Learners =>
    [
        [nameof(PrototypicalNetworkTransformer)], [nameof(MamlTransformer)], [nameof(CactusTransformer)], [nameof(DistillationTransformer)],
        [nameof(BornAgainNetworkTransformer)], [nameof(CoordConvNetTransformer)],
    ];

    [ClassInitialize]
    public static void Draw(TestContext context)
    {
        for (int row = 0; row < Classes.Length * Each; row++)
        {
            using MLImage image = Picture(row);
            image.Save(Path.Combine(Folder, $"{row}.png"));
        }
    }

    [ClassCleanup]
    public static void Delete() => Directory.Delete(Folder, recursive: true);

    [TestMethod]
    public void A_folder_of_files_becomes_a_few_shot_classifier_in_five_lines()
    {
        var pipeline = _ml.Transforms.LoadImages("Image", Folder, "Path")
            .Append(_ml.MulticlassClassification.Trainers.PrototypicalNetwork(
                "Label", "Image", new() { ImageShape = new(1, 16, 16), Episodes = 30, Ways = 3, Filters = 8, Blocks = 2 }));
        var model = pipeline.Fit(Files());
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(Files()));
        Assert.IsGreaterThan(0.8, metrics.MicroAccuracy);
    }

    [TestMethod, DynamicData(nameof(Learners))]
    public void Pictures_are_what_their_pixels_are(string learner)
    {
        MemoryView data = Loaded();
        ITransformer fromPictures = Learner(learner, "Image", Shape, data), fromPixels = Learner(learner, "Pixels", Shape, data);
        using var first = (IDisposable)fromPictures;
        using var second = (IDisposable)fromPixels;
        float[][] expected = Rows.Vectors(fromPixels.Transform(data), Output(learner));
        AssertClose(expected, Rows.Vectors(fromPictures.Transform(data), Output(learner)));
        using var stream = new MemoryStream();
        _ml.Model.Save(fromPictures, inputSchema: null, stream);
        stream.Position = 0;
        AssertClose(expected, Rows.Vectors(new MLContext().Model.Load(stream, out _).Transform(data), Output(learner)));
    }

    [TestMethod, DynamicData(nameof(Learners))]
    public void Resized_pictures_say_their_shape(string learner)
    {
        MemoryView data = Loaded();
        using var sized = (IDisposable)Learner(learner, "Image", null, data);
        using var told = (IDisposable)Learner(learner, "Image", Shape, data);
        AssertClose(
            Rows.Vectors(((ITransformer)told).Transform(data), Output(learner)), Rows.Vectors(((ITransformer)sized).Transform(data), Output(learner)));
    }

    [TestMethod, DynamicData(nameof(Learners))]
    public void Pictures_of_any_size_need_a_shape(string learner)
    {
        MemoryView data = Loaded();
        MemoryView files = data.With(MemoryColumn.Objects("Image", new ImageDataViewType(), [.. Enumerable.Range(0, data.Count).Select(Picture)]));
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Learner(learner, "Image", null, files));
        StringAssert.Contains(exception.Message, "'Image'");
        StringAssert.Contains(exception.Message, "ImageShape");
    }

    [TestMethod]
    public void Classes_are_taught_and_added_from_pictures()
    {
        MemoryView data = Loaded();
        using var model = (PrototypicalNetworkTransformer)Learner(nameof(PrototypicalNetworkTransformer), "Image", Shape, data);
        int[] corners = [.. Enumerable.Range(0, data.Count).Where(row => row % Classes.Length == 2)];
        using PrototypicalNetworkTransformer taught = model.WithSupport(data.Take(Enumerable.Range(0, data.Count).Except(corners)));
        using PrototypicalNetworkTransformer whole = taught.AddClass("corner", data.Take(corners));
        CollectionAssert.AreEquivalent(Classes, whole.ClassNames.ToArray());
        Assert.IsGreaterThan(0.8, _ml.MulticlassClassification.Evaluate(whole.Transform(data)).MicroAccuracy);
        FewShotMetrics metrics = _ml.MulticlassClassification.EvaluateFewShot(data, whole, ways: 3, shots: 1, queries: 2, episodes: 20);
        Assert.IsGreaterThan(0.5, metrics.MeanAccuracy);
        using var cactus = (CactusTransformer)Learner(nameof(CactusTransformer), "Image", Shape, data);
        using FewShotTransformer named = cactus.WithSupport(data);
        Assert.IsGreaterThan(0.6, _ml.MulticlassClassification.Evaluate(named.Transform(data)).MicroAccuracy);
    }

    private static string Output(string learner) => learner == nameof(CactusTransformer) ? "Learned" : "Score";

    private ITransformer Learner(string learner, string column, ImageShape? shape, IDataView data) => learner switch
    {
        nameof(PrototypicalNetworkTransformer) => _ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", column, new()
        {
            ImageShape = shape,
            Episodes = 20,
            Ways = 3,
            Filters = 8,
            Blocks = 2,
            LearningRate = 0.01,
        }).Fit(data),
        nameof(MamlTransformer) => _ml.MulticlassClassification.Trainers.Maml("Label", column, new()
        {
            ImageShape = shape,
            Steps = 3,
            Ways = 3,
            Filters = 4,
            Blocks = 2,
            InnerSteps = 1,
            AdaptationSteps = 2,
            TasksPerStep = 2,
        }).Fit(data),
        nameof(CactusTransformer) => _ml.Transforms.FeaturizeWithCactus("Learned", column, new()
        {
            ImageShape = shape,
            Clusters = 3,
            Partitions = 2,
            Ways = 2,
            QueriesPerClass = 2,
            Steps = 5,
            Filters = 4,
            Blocks = 2,
            EmbeddingSize = 4,
            MinimumUsableClusters = 0.3,
        }).Fit(data),
        nameof(DistillationTransformer) => _ml.MulticlassClassification.Trainers.Distillation(_teacher ??= Teacher(), "Label", column, new()
        {
            ImageShape = shape,
            HiddenChannels = [4],
            HiddenUnits = [],
            Epochs = 2,
        }).Fit(data),
        nameof(BornAgainNetworkTransformer) => _ml.MulticlassClassification.Trainers.BornAgainNetwork("Label", column, new()
        {
            ImageShape = shape,
            HiddenChannels = [4],
            HiddenUnits = [],
            Epochs = 2,
            Generations = 1,
        }).Fit(data),
        _ => _ml.MulticlassClassification.Trainers.CoordConvNet("Label", column, new() { ImageShape = shape, HiddenChannels = [4], Epochs = 2 }).Fit(data),
    };

    private static TransformerChain<ITransformer> Teacher()
    {
        var ml = new MLContext(seed: 1);
        return new(ml.Transforms.Conversion.MapValueToKey("Key", "Label")
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Key", "Pixels")).Fit(Loaded()));
    }

    private IDataView Files() => _ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, Classes.Length * Each).Select(row => new Row($"{row}.png", Classes[row % Classes.Length])));

    // Pictures and the same pixels as vectors.
    private static MemoryView Loaded()
    {
        int[] rows = [.. Enumerable.Range(0, Classes.Length * Each)];
        return new(
        [
            MemoryColumn.Objects("Image", new ImageDataViewType(Side, Side), [.. rows.Select(Picture)]),
            MemoryColumn.Vectors("Pixels", [.. rows.Select(row => Pixels(row).Select(value => value * (1f / 255)).ToArray())]),
            MemoryColumn.Texts("Label", rows.Select(row => Classes[row % Classes.Length])),
        ]);
    }

    private static MLImage Picture(int row)
    {
        byte[] values = Pixels(row), pixels = new byte[Side * Side * 4];
        for (int pixel = 0; pixel < Side * Side; pixel++)
        {
            for (int channel = 0; channel < 3; channel++)
                pixels[(4 * pixel) + channel] = values[(channel * Side * Side) + pixel];
            pixels[(4 * pixel) + 3] = 255;
        }

        return MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Rgba32, pixels);
    }

    // A line across, a line down or a square in a corner; (3, Side, Side).
    private static byte[] Pixels(int row)
    {
        var random = new Random(row);
        return [.. Enumerable.Range(0, 3 * Side * Side).Select(place =>
        {
            (int y, int x) = (place % (Side * Side) / Side, place % Side);
            bool isDrawn = (row % Classes.Length) switch { 0 => y == 3 + (row % 2), 1 => x == 3 + (row % 2), _ => x < 4 && y < 4 };
            return (byte)((isDrawn ? 200 : 20) + random.Next(40));
        })];
    }

    private static void AssertClose(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
        {
            for (int i = 0; i < expected[row].Length; i++)
                Assert.AreEqual(expected[row][i], actual[row][i], 1e-4f, $"row {row}");
        }
    }
}
