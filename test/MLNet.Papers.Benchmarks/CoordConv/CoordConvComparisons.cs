using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.CoordConv;

/// <summary>
/// Training a painter, from the data view to the fitted transformer, against a bare loop over the same numbers with the network as a TorchSharp user writes it.
/// </summary>
internal sealed class PainterTrainingAgainstBareLoop : Comparison
{
    private const int Side = 32;
    private const int Batch = 16;
    private const int Steps = 40;

    public override string Name => "training, CoordConv painter on a canvas of 32, against a bare TorchSharp loop";

    public override string Goal => "≥ 0.95 of its steps per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        PaintedRow[] rows = [.. Enumerable.Range(0, Batch * Steps).Select(_ => PaintedRow.At(random.Next(Side), random.Next(Side), Side))];
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        var options = new CoordinatePainterOptions { Height = Side, Width = Side, Epochs = 1, BatchSize = Batch };
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => ml.Generation.Trainers.CoordinatePainter("Image", "Centre", options).Fit(view).Dispose(), () => BareLoop(rows), turns: 7);
        return Task.FromResult(
            new Measured(Text($"{ratio:F2}"), Text($"{Steps / ours.TotalSeconds:F1} against {Steps / peer.TotalSeconds:F1} steps a second")));
    }

    private static void BareLoop(PaintedRow[] rows)
    {
        using DisposeScope outer = NewDisposeScope();
        Tensor centres = tensor(rows.SelectMany(row => row.Centre).Select(value => (2 * value / (Side - 1)) - 1).ToArray(), [rows.Length, 2]);
        Tensor images = tensor(rows.SelectMany(row => row.Image).ToArray(), [rows.Length, Side * Side]);
        Tensor axis = linspace(-1, 1, Side), coordinates = stack([axis.view(Side, 1).expand(Side, Side), axis.expand(Side, Side)]).unsqueeze(0);
        using nn.Module<Tensor, Tensor> network = nn.Sequential(
            ("1", nn.Conv2d(4, 32, 1)), ("2", nn.ReLU()), ("3", nn.Conv2d(32, 32, 1)), ("4", nn.ReLU()), ("5", nn.Conv2d(32, 64, 1)), ("6", nn.ReLU()),
            ("7", nn.Conv2d(64, 64, 1)), ("8", nn.ReLU()), ("9", nn.Conv2d(64, 1, 1)), ("10", nn.Flatten()));
        using optim.Optimizer optimizer = optim.Adam(network.parameters(), 5e-3, beta2: 0.99);
        network.train();
        long[] order = [.. Enumerable.Range(0, rows.Length).Select(row => (long)row)];
        new Random(1).Shuffle(order);
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor index = tensor(order[(step * Batch)..((step + 1) * Batch)]);
            optimizer.zero_grad();
            Tensor tiled = centres.index_select(0, index).view(Batch, 2, 1, 1).expand(Batch, 2, Side, Side);
            Tensor logits = network.forward(cat([tiled, coordinates.expand(Batch, 2, Side, Side)], 1));
            Tensor loss = nn.functional.cross_entropy(logits, images.index_select(0, index).argmax(1));
            loss.backward();
            optimizer.step();
            _ = loss.item<float>();
        }
    }

    private sealed class PaintedRow
    {
        [VectorType(2)]
        public float[] Centre { get; set; } = [];

        [VectorType(Side * Side)]
        public float[] Image { get; set; } = [];

        public static PaintedRow At(int x, int y, int side)
        {
            float[] image = new float[side * side];
            image[(y * side) + x] = 1;
            return new PaintedRow { Centre = [x, y], Image = image };
        }
    }
}

/// <summary>What coordinates add to a training step: the same fit with them and without.</summary>
internal abstract class CoordinateCost : Comparison
{
    public override string Goal => "under 10 % more time";

    protected abstract Action Fit(MLContext ml, bool coordinates);

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        (double ratio, TimeSpan with, TimeSpan without) = SideBySide(Fit(ml, coordinates: true), Fit(ml, coordinates: false), turns: 41);
        return Task.FromResult(
            new Measured(Text($"{100 * ((1 / ratio) - 1):F1} %"), Text($"{with.TotalMilliseconds:F0} ms against {without.TotalMilliseconds:F0} ms a fit")));
    }
}

internal sealed class CoordinateCostInFeaturizer : CoordinateCost
{
    public override string Name => "coordinates in a training step, image featurizer 3 × 64 × 64";

    protected override Action Fit(MLContext ml, bool coordinates)
    {
        var random = new Random(1);
        ImageRow[] rows =
        [
            .. Enumerable.Range(0, 320)
                .Select(_ => new ImageRow { Image = [.. Enumerable.Range(0, 3 * 64 * 64).Select(_ => random.NextSingle())], X = random.NextSingle() }),
        ];
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        var options = new CoordConvFeaturizerOptions { ImageShape = new(3, 64, 64), LabelColumnName = "X", Coordinates = coordinates, Epochs = 1 };
        return () => ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", options).Fit(view).Dispose();
    }

    private sealed class ImageRow
    {
        [VectorType(3 * 64 * 64)]
        public float[] Image { get; set; } = [];

        public float X { get; set; }
    }
}

internal sealed class CoordinateCostInPrototypicalNetwork : CoordinateCost
{
    public override string Name => "coordinates in a training step, prototypical network, four-block convolution";

    protected override Action Fit(MLContext ml, bool coordinates)
    {
        IDataView view = PrototypicalNetworks.BenchmarkData.View(ml, PrototypicalNetworks.BenchmarkData.Rows(400));
        PrototypicalNetworkOptions options = PrototypicalNetworks.BenchmarkData.Convolution(20);
        options.Coordinates = coordinates;
        return () => ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: options).Fit(view).Dispose();
    }
}
