using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.Distillation;

/// <summary>Scoring with a student, from the data view to the last score, against the ensemble of trees that taught it.</summary>
/// <param name="student">What kind of network the student is.</param>
/// <param name="options">Its options.</param>
internal abstract class StudentAgainstTrees(string student, DistillationOptions options) : Comparison
{
    private const int Rows = 2_000;
    private const int Passes = 10;

    public override string Name => $"scoring, {student} against its teacher, LightGBM with 100 iterations, 784 features and 10 classes";

    public override string Goal => "≥ 5 times its rows per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView rows = ml.Data.Cache(DigitRow.View(ml, Rows));
        ITransformer teacher = ml.MulticlassClassification.Trainers.LightGbm(numberOfIterations: 100).Fit(rows);
        using DistillationTransformer network = ml.MulticlassClassification.Trainers.Distillation(teacher, options: options).Fit(rows);
        (double ratio, TimeSpan ours, TimeSpan peer) = SideBySide(() => Score(network, Passes), () => Score(teacher, 1), turns: 7);
        ratio *= Passes;
        return Task.FromResult(new Measured(Text($"{ratio:F1} times"),
            Text($"{Passes * Rows / ours.TotalSeconds:F0} against {Rows / peer.TotalSeconds:F0} rows a second on one cursor")));

        void Score(ITransformer model, int passes)
        {
            IDataView scored = model.Transform(rows);
            for (int pass = 0; pass < passes; pass++)
                Read(scored, "Score");
        }
    }
}

/// <inheritdoc/>
internal sealed class PerceptronAgainstTrees()
    : StudentAgainstTrees("student of 64 hidden units", new() { HiddenUnits = [64], Epochs = 2, BatchSize = 64 });

/// <inheritdoc/>
internal sealed class ConvolutionAgainstTrees()
    : StudentAgainstTrees("student, a convolution of 6 and 12 channels,", new()
    {
        ImageShape = new(1, DigitRow.Side, DigitRow.Side),
        HiddenChannels = [6, 12],
        HiddenUnits = [],
        Epochs = 2,
        BatchSize = 64,
    });

/// <summary>Training a student, from the data view to the fitted transformer, against a bare loop over the same numbers as a TorchSharp user writes
/// it.</summary>
/// <param name="epochs">How long.</param>
internal abstract class StudentTrainingAgainstBareLoop(int epochs) : Comparison
{
    private const int Rows = 2_000;
    private const int Batch = 100;

    public override string Name => Text($"training, student of 128 and 128 hidden units on 784 features, {epochs} epochs, against a bare TorchSharp loop");

    public override string Goal => "≥ 0.9 of its steps per second, the teacher's scoring and the report included";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView rows = ml.Data.Cache(DigitRow.View(ml, Rows));
        var teacher = ml.Transforms.Conversion.MapKeyToVector("Score", "Label").Fit(rows);
        float[] features = [.. rows.GetColumn<float[]>("Features").SelectMany(row => row)],
            targets = [.. teacher.Transform(rows).GetColumn<float[]>("Score").SelectMany(row => row)];
        var options = new DistillationOptions { HiddenUnits = [128, 128], Epochs = epochs, BatchSize = Batch };
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => ml.MulticlassClassification.Trainers.Distillation(teacher, options: options).Fit(rows).Dispose(), () =>
                BareLoop(features, targets), turns: 7);
        double steps = (double)epochs * Rows / Batch;
        return Task.FromResult(new Measured(Text($"{ratio:F2}"),
            Text($"{steps / ours.TotalSeconds:F0} against {steps / peer.TotalSeconds:F0} steps a second")));
    }

    private void BareLoop(float[] rows, float[] soft)
    {
        using DisposeScope outer = NewDisposeScope();
        Tensor features = tensor(rows, [Rows, DigitRow.Pixels]).clone(), targets = tensor(soft, [Rows, DigitRow.Classes]).clone();
        using nn.Module<Tensor, Tensor> network = nn.Sequential(
            ("1", nn.Linear(DigitRow.Pixels, 128)), ("2", nn.ReLU()), ("3", nn.Linear(128, 128)), ("4", nn.ReLU()), ("5", nn.Linear(128, DigitRow.Classes)));
        using optim.Optimizer optimizer = optim.Adam(network.parameters(), 5e-3, beta2: 0.99);
        network.train();
        long[] order = [.. Enumerable.Range(0, Rows).Select(row => (long)row)];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            new Random(epoch).Shuffle(order);
            foreach (long[] batch in order.Chunk(Batch))
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor index = tensor(batch);
                optimizer.zero_grad();
                Tensor logits = network.forward(features.index_select(0, index));
                Tensor loss = -(targets.index_select(0, index) * nn.functional.log_softmax(logits, 1)).sum(dim: 1).mean();
                loss.backward();
                optimizer.step();
                _ = loss.item<float>();
            }
        }
    }
}

/// <inheritdoc/>
internal sealed class ShortStudentTraining() : StudentTrainingAgainstBareLoop(10);

/// <inheritdoc/>
internal sealed class LongStudentTraining() : StudentTrainingAgainstBareLoop(400);

/// <summary>A row of the size of a handwritten digit: blurred spots whose places depend on the class.</summary>
internal sealed class DigitRow
{
    public const int Side = 28;
    public const int Pixels = Side * Side;
    public const int Classes = 10;

    [KeyType(Classes)]
    public uint Label { get; set; }

    [VectorType(Pixels)]
    public float[] Features { get; set; } = [];

    public static IDataView View(MLContext ml, int rows)
    {
        var random = new Random(1);
        (int X, int Y)[][] spots =
            [.. Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, 6).Select(_ => (random.Next(6, 22), random.Next(6, 22))).ToArray())];
        return ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(row =>
        {
            float[] image = new float[Pixels];
            foreach ((int x, int y) in spots[row % Classes])
            {
                int right = x + random.Next(-2, 3), down = y + random.Next(-2, 3);
                for (int i = 0; i < 25; i++)
                    image[((down + (i / 5) - 2) * Side) + right + (i % 5) - 2] = random.NextSingle();
            }

            return new DigitRow { Label = (uint)(row % Classes), Features = image };
        }).ToArray());
    }
}
