using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Benchmarks.CoVe;
using MLNet.Papers.Benchmarks.Distillation;
using MLNet.Papers.Benchmarks.Elmo;
using MLNet.Papers.Benchmarks.PrototypicalNetworks;
using MLNet.Papers.Samples.CoVe;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Benchmarks.Onnx;

internal sealed class OnnxPerceptron : OnnxScoring
{
    protected override string Network => "perceptron 784-64-64-64 with 20 classes";

    protected override OnnxJob Create(MLContext ml) => OnnxJob.OfVectors(
        ml, BenchmarkData.Fit(ml, BenchmarkData.Perceptron()), "Features", "Score", [.. BenchmarkData.Rows(4_000).Select(row => row.Features)],
            [BenchmarkData.Size]);
}

internal sealed class OnnxConvolution : OnnxScoring
{
    protected override string Network => "four-block convolution";

    protected override OnnxJob Create(MLContext ml) => OnnxJob.OfVectors(
        ml, BenchmarkData.Fit(ml, BenchmarkData.Convolution()), "Features", "Score", [.. BenchmarkData.Rows(500).Select(row => row.Features)], [1, 28, 28]);
}

internal sealed class OnnxFeaturizer : OnnxScoring
{
    private const int Side = 64;

    protected override string Network => "CoordConv featurizer 3 × 64 × 64";

    protected override OnnxJob Create(MLContext ml)
    {
        var random = new Random(1);
        float[][] images = [.. Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 3 * Side * Side).Select(_ => random.NextSingle()).ToArray())];
        OnnxJob fitting = OnnxJob.OfVectors(ml, null!, "Image", "Features", images, [3, Side, Side]);
        CoordConvFeaturizerOptions options = new() { ImageShape = new(3, Side, Side), Epochs = 1, TimeLimit = TimeSpan.FromMilliseconds(1) };
        CoordConvFeaturizerTransformer model = ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", options).Fit(fitting.Rows);
        return fitting with { Model = model };
    }
}

internal sealed class OnnxStudent : OnnxScoring
{
    protected override string Network => "student of 64 hidden units, 784 features and 10 classes";

    protected override OnnxJob Create(MLContext ml)
    {
        IDataView rows = ml.Data.Cache(DigitRow.View(ml, 4_000));
        ITransformer teacher = ml.Transforms.Conversion.MapKeyToVector("Score", "Label").Fit(rows);
        DistillationTransformer student =
            ml.MulticlassClassification.Trainers.Distillation(teacher, options: new() { HiddenUnits = [64], Epochs = 1, BatchSize = 64 }).Fit(rows);
        return OnnxJob.OfVectors(ml, student, "Features", "Score", [.. rows.GetColumn<float[]>("Features")], [DigitRow.Pixels]);
    }
}

internal sealed class OnnxCoVe : OnnxScoring
{
    protected override string Network => "CoVe's encoder, H 128, texts of 15 to 20 tokens";

    protected override OnnxJob Create(MLContext ml)
    {
        TextPair[] pairs = [.. ml.Data.CreateEnumerable<TextPair>(TranslationData.View(ml, 10_000), reuseRowObject: false)
            .Where(pair => OnnxJob.IsMedium(pair.Source)).Take(500)];
        IDataView rows = ml.Data.LoadFromEnumerable(pairs);
        CoVeTransformer model = CoVeScoringAgainstOneByOne.Model(ml, rows, 128);
        string[][] texts = Array.ConvertAll(pairs, pair => OnnxJob.Tokens(pair.Source));
        return OnnxJob.OfTexts(model, rows, nameof(TextPair.Source), "Features", texts, model.WordVectors.Dimension, model.WordVectors.GetWordVector);
    }
}

internal sealed class OnnxElmo : OnnxScoring
{
    protected override string Network => "ELMo, P 64, C 192, texts of 15 to 20 tokens";

    protected override OnnxJob Create(MLContext ml)
    {
        ElmoOptions options = ElmoData.Options();
        (options.LearningRate, options.TimeLimit) = (1e-30, TimeSpan.FromMilliseconds(1));
        string[] lines = [.. ElmoData.Lines(10_000).Where(OnnxJob.IsMedium).Take(500)];
        IDataView rows = PlainText.Rows(ml, lines);
        ElmoTransformer model = ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options).Fit(rows);
        return OnnxJob.OfTexts(model, rows, "Text", "Features", Array.ConvertAll(lines, OnnxJob.Tokens), options.MaxCharacters, token =>
            OnnxJob.Characters(token, options.MaxCharacters));
    }
}
