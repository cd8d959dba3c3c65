using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Onnx;

/// <summary>Written models as users have them: in a pipeline of ML.NET, behind pictures, and in a program without this package.</summary>
[TestClass]
public sealed class OnnxPipelineTests
{
    private const int Size = 8;

    private string _folder = "";

    private string ModelPath => Path.Combine(_folder, "model.onnx");

    [TestInitialize]
    public void MakeAFolder() => _folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;

    [TestCleanup]
    public void DeleteTheFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void New_classes_are_in_the_model_that_is_written_after_them()
    {
        var ml = new MLContext(seed: 1);
        IDataView learned = Rows(classes: 4, seed: 1);
        using PrototypicalNetworkTransformer network = ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: Small()).Fit(learned);
        using PrototypicalNetworkTransformer others = network.WithSupport(Rows(classes: 3, seed: 2));
        others.SaveAsOnnx(ModelPath);
        IDataView queries = Rows(classes: 3, seed: 3);
        IDataView scored = ml.Transforms.ApplyOnnxModel(["Score"], ["Features"], ModelPath).Fit(queries).Transform(queries);
        Assert.AreEqual(3, scored.GetColumn<float[]>("Score").First().Length);
        AssertClose([.. others.Transform(queries).GetColumn<float[]>("Score")], [.. scored.GetColumn<float[]>("Score")]);
        Assert.ContainsSingle(Directory.GetFiles(_folder), "Nothing must be left beside the model.");
    }

    [TestMethod]
    [DataRow(Distance.Cosine, true)]
    [DataRow(Distance.SquaredEuclidean, true)]
    [DataRow(Distance.Cosine, false)]
    public void Classes_without_examples_keep_their_places(Distance distance, bool isPerceptron)
    {
        var ml = new MLContext(seed: 1);
        PrototypicalNetworkOptions options = Small();
        options.Distance = distance;
        if (!isPerceptron)
            (options.ImageShape, options.Filters, options.Blocks) = (new(1, 2, 4), 3, 1);
        using PrototypicalNetworkTransformer network = ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: options)
            .Fit(Rows(classes: 4, seed: 1));
        MemoryView support = MemoryView.Of(Rows(classes: 2, seed: 2))
            .With(MemoryColumn.Keys("Label", [.. Enumerable.Range(0, 24).Select(row => row % 2 == 0 ? 2u : 4u)], "a", "b", "c", "d", "e"));
        using PrototypicalNetworkTransformer sparse = network.WithSupport(support), embedded = sparse.WithEmbeddingColumn("Embedding");
        using var model = new OnnxModel(embedded);
        CollectionAssert.AreEqual(new[] { "Score", "PredictedLabel", "Embedding" }, model.Outputs.ToArray());
        OnnxChecks.AssertSame(embedded, model, MemoryView.Of(Rows(classes: 3, seed: 3)), "rows");
        float[] zeros = new float[Size];
        OnnxChecks.AssertSame(embedded, model, new([MemoryColumn.Vectors("Features", [zeros, zeros])]), "rows of zeros");
    }

    [TestMethod]
    public void Pictures_are_their_planes_from_0_to_1()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        byte[][] pixels = [.. Enumerable.Range(0, 12)
            .Select(_ => Enumerable.Range(0, Size * Size * 4).Select(i => i % 4 == 3 ? (byte)255 : (byte)random.Next(256)).ToArray())];
        var images = MemoryColumn.Objects("Image", new ImageDataViewType(Size, Size),
            Array.ConvertAll(pixels, bytes => MLImage.CreateFromPixels(Size, Size, MLPixelFormat.Bgra32, bytes)));
        var view = new MemoryView([images]);
        using CoordConvFeaturizerTransformer featurizer = ml.Transforms.FeaturizeImageWithCoordConv(
            "Features", "Image", new() { ImageShape = new(3, Size, Size), Filters = 4, Blocks = 2, FeatureCount = 5, Epochs = 1, BatchSize = 6 }).Fit(view);
        featurizer.SaveAsOnnx(ModelPath);

        // The planes red, green and blue from 0 to 1, which ExtractPixels("Image", scaleImage: 1f / 255) gives; it does not run beside SkiaSharp 3, which the
        // tests have.
        float[][] planes = [.. pixels.Select(bytes =>
            new[] { 2, 1, 0 }.SelectMany(color => Enumerable.Range(0, Size * Size).Select(pixel => bytes[(pixel * 4) + color] / 255f)).ToArray())];
        var extracted = new MemoryView([MemoryColumn.Vectors("Image", planes)]);
        IDataView scored = ml.Transforms.ApplyOnnxModel(["Features"], ["Image"], ModelPath).Fit(extracted).Transform(extracted);
        AssertClose([.. featurizer.Transform(view).GetColumn<float[]>("Features")], [.. scored.GetColumn<float[]>("Features")]);
    }

    [TestMethod]
    public void A_program_without_the_package_scores_without_libtorch()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = MemoryView.Of(Rows(classes: 4, seed: 1));
        using PrototypicalNetworkTransformer network = ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: Small()).Fit(rows);
        network.SaveAsOnnx(ModelPath);
        float[][] features = [.. rows.GetColumn<float[]>("Features").Take(5)], expected = [.. network.Transform(rows).GetColumn<float[]>("Score").Take(5)];
        string file = Path.Combine(_folder, "rows.txt");
        File.WriteAllLines(file, features.Select(row => string.Join(' ', row.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))));

        string folder = ConsumerFolder();
        string[] torch = [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName).OfType<string>().Where(IsTorchOrOurs)];
        CollectionAssert.AreEqual(Array.Empty<string>(), torch, "The program's folder must have nothing of TorchSharp, of libtorch and of the package.");
        string[] lines = Run(Path.Combine(folder, "MLNet.Papers.OnnxConsumer.dll"), ModelPath, "Features", "Score", file);
        int end = Array.IndexOf(lines, "modules:");
        AssertClose(expected, [.. lines[..end].Select(line => line.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture)).ToArray())]);
        string[] loaded = lines[(end + 1)..];
        Assert.IsTrue(loaded.Any(module => module.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase)),
            "The list of modules must have the runtime that scored.");
        CollectionAssert.AreEqual(Array.Empty<string>(), loaded.Where(IsTorchOrOurs).ToArray(), "The process must not load them.");
    }

    [TestMethod]
    public void A_file_that_cannot_be_written_stays_as_it_was()
    {
        var ml = new MLContext(seed: 1);
        using PrototypicalNetworkTransformer network = ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: Small())
            .Fit(Rows(classes: 4, seed: 1));
        network.SaveAsOnnx(ModelPath);
        byte[] before = File.ReadAllBytes(ModelPath);
        using var stream = new MemoryStream();
        network.SaveAsOnnx(stream);
        CollectionAssert.AreEqual(before, stream.ToArray(), "A path and a stream must get the same bytes.");
        Directory.CreateDirectory(ModelPath + ".new");
        Assert.Throws<Exception>(() => network.SaveAsOnnx(ModelPath));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(ModelPath));
        Assert.ThrowsExactly<ArgumentException>(() => network.SaveAsOnnx(" "));
        Assert.ThrowsExactly<ArgumentNullException>(() => network.SaveAsOnnx((Stream)null!));
    }

    private static bool IsTorchOrOurs(string file) =>
        file.Contains("torch", StringComparison.OrdinalIgnoreCase)
            || (file.StartsWith("MLNet.Papers", StringComparison.Ordinal) && !file.StartsWith("MLNet.Papers.OnnxConsumer", StringComparison.Ordinal));

    private static PrototypicalNetworkOptions Small() => new() { HiddenUnits = [6], EmbeddingSize = 5, Ways = 3, Shots = 1, QueriesPerClass = 2, Episodes = 3 };

    private static MemoryView Rows(int classes, int seed)
    {
        const int Count = 24;
        var random = new Random(seed);
        float[][] features = [.. Enumerable.Range(0, Count).Select(_ => Enumerable.Range(0, Size).Select(_ => random.NextSingle()).ToArray())];
        string[] names = [.. Enumerable.Range(0, classes).Select(index => $"class {index}")];
        return new([MemoryColumn.Keys("Label", [.. Enumerable.Range(0, Count).Select(row => (uint)(row % classes) + 1)], names),
            MemoryColumn.Vectors("Features", features)]);
    }

    private static void AssertClose(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
        {
            bool isClose = new Tolerance(1e-4, 1e-4).AreEqual(expected[row], actual[row]);
            Assert.IsTrue(isClose, $"Row {row} must be {Table.Text(expected[row])}, but is {Table.Text(actual[row])}.");
        }
    }

    // Built with the tests in the same configuration, in its own folder.
    private static string ConsumerFolder()
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        return Repository.Path("test", "MLNet.Papers.OnnxConsumer", "bin", parts[^2], parts[^1]);
    }

    private static string[] Run(params string[] arguments)
    {
        using Process process = ProgramProcess.Dotnet(Environment.CurrentDirectory, arguments);
        return ProgramProcess.OutputOf(process).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
