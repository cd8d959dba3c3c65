using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.Benchmarks.Onnx;

/// <summary>Our kernels alone against the runtime on the graph of the same network: arrays in and out, batches of 64.</summary>
/// <remarks>The runtime has one thread. Ours take what the machine has: run this bound to one processor (taskset -c 0) for one thread each.</remarks>
internal abstract class OnnxKernels : Comparison
{
    private const int Batch = 64;
    private const int Turns = 7;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3), Turn = TimeSpan.FromSeconds(0.4);

    public override string Name => $"ONNX: kernels alone, {Network}";

    public override string Goal => "at least 1.0";

    /// <summary>The network, in words.</summary>
    protected abstract string Network { get; }

    public override Task<Measured> MeasureAsync()
    {
        LayeredNetwork network = Create();
        NetworkWeights weights = RandomWeights(network);
        float[] batch = Numbers(new Random(1), (long)Batch * network.Describe().Input.Size);
        var ours = new Lazy<Action>(() => WarmedUp(Ours(network, weights, batch)));
        var peer = new Lazy<Action>(() => WarmedUp(Peer(network, weights, batch)));
        long batches = Batches(network);
        (double ratio, TimeSpan own, TimeSpan other) = InOwnProcesses(() => Repeat(ours.Value, batches), () => Repeat(peer.Value, batches), Turns);
        double rows = Batch * batches;
        return Task.FromResult(new Measured(Text($"{ratio:F2} times the runtime"),
            Text($"rows a second: ours {rows / own.TotalSeconds:N0}, the runtime {rows / other.TotalSeconds:N0}; {Environment.ProcessorCount} processor(s)")));
    }

    protected abstract LayeredNetwork Create();

    // As many batches as take about a turn at 30 thousand million multiplications a second.
    private static long Batches(LayeredNetwork network) => Math.Max(2, (long)(Turn.TotalSeconds * 3e10 / Batch / Math.Max(1000, Multiplications(network))));

    private static double Multiplications(LayeredNetwork network) => network.Describe().Steps().Sum(step => step.Layer.Weights(step.Input)
        .Where(weight => weight.Use == WeightUse.Kernel).Sum(weight => (double)weight.Shape.Aggregate((product, length) => product * length)
            * (step.Layer is Dense ? 1 : step.Output.Height * step.Output.Width)) + (10.0 * step.Output.Values));

    // Time of the processor, which other processes on the machine take nothing of.
    private static double Repeat(Action batch, long times)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (long i = 0; i < times; i++)
            batch();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    // .NET replaces its first, slow code only after a while.
    private static Action WarmedUp(Action batch)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
            batch();
        return batch;
    }

    private static Action Ours(LayeredNetwork network, NetworkWeights weights, float[] rows)
    {
        EmbeddingScorer scorer = EmbeddingScorer.Create(network, weights, TorchDevice.Cpu);
        float[] output = new float[Batch * network.OutputSize];
        return () => scorer.Embed(rows, Batch, output);
    }

    private static Action Peer(LayeredNetwork network, NetworkWeights weights, float[] rows)
    {
        int size = network.Describe().Input.Size;
        var graph = new OnnxGraph();
        OnnxValue given = graph.Input("Input", OnnxType.Single, OnnxGraph.Batch, size);
        graph.Output("Output", network.ToOnnx(graph, given, weights), OnnxGraph.Batch, network.OutputSize);
        using var stream = new MemoryStream();
        new OnnxFile(graph).Write(stream);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        var session = new InferenceSession(stream.ToArray(), options);
        var run = new RunOptions();
        OrtValue input = OrtValue.CreateTensorValueFromMemory(rows, [Batch, size]);
        OrtValue output = OrtValue.CreateTensorValueFromMemory(new float[Batch * network.OutputSize], [Batch, network.OutputSize]);
        return () => session.Run(run, ["Input"], [input], ["Output"], [output]);
    }

    private static NetworkWeights RandomWeights(LayeredNetwork network)
    {
        var random = new Random(2);
        IEnumerable<LayerWeight> saved = network.Describe().AllWeights().Where(weight => weight.Use != WeightUse.Constant);
        return NetworkWeights.Of(network, saved.ToDictionary(weight => weight.Name, weight =>
        {
            float[] values = Numbers(random, weight.Shape.Aggregate((product, length) => product * length));
            float scale = weight.Use == WeightUse.Kernel ? MathF.Sqrt(3f / weight.Inputs) : 0.1f;
            return Array.ConvertAll(values, value => weight.Use is WeightUse.Gain or WeightUse.Variance ? 1 + (0.1f * value) : scale * value);
        }));
    }

    private static float[] Numbers(Random random, long count) => [.. Enumerable.Range(0, (int)count).Select(_ => (2 * random.NextSingle()) - 1)];
}

internal sealed class OnnxPainter32Kernels : OnnxPainterKernels
{
    protected override int Canvas => 32;
}

internal sealed class OnnxPainter64Kernels : OnnxPainterKernels
{
    protected override int Canvas => 64;
}

internal abstract class OnnxPainterKernels : OnnxKernels
{
    protected override string Network => $"coordinate painter, {Canvas} × {Canvas}";

    protected abstract int Canvas { get; }

    protected override LayeredNetwork Create() =>
        CoordConvNetworks.Painter(Canvas, Canvas, new CoordinatePainterOptions().HiddenChannels, PaintedOutput.PixelSoftmax, 1);
}

internal sealed class OnnxDeconvolutionKernels : OnnxKernels
{
    protected override string Network => "painter without coordinates, 64 × 64";

    protected override LayeredNetwork Create() => CoordConvNetworks.Deconvolution(64, 3, 1, Normalization.Batch, 1);
}

internal sealed class OnnxGroupNormalizationKernels : OnnxKernels
{
    protected override string Network => "CoordConv featurizer with group normalization, 3 × 64 × 64";

    protected override LayeredNetwork Create() => new FeaturizerArchitecture
    {
        Convolution = new()
        {
            InputSize = 3 * 64 * 64,
            ImageShape = new(3, 64, 64),
            Filters = 32,
            Blocks = 3,
            Normalization = Normalization.Group,
            Groups = 8,
            Coordinates = true,
        },
        Features = 64,
    };
}

internal sealed class OnnxStridesKernels : OnnxKernels
{
    protected override string Network => "classifier with strides and group normalization, 3 × 64 × 64";

    protected override LayeredNetwork Create() =>
        CoordConvNetworks.Classifier(new(3, 64, 64), 10, [32, 64, 64], 3, CoordinateLayers.First, false, Normalization.Group, 8);
}

internal sealed class OnnxResidualKernels : OnnxKernels
{
    protected override string Network => "residual network of 4 blocks, 3 × 32 × 32";

    protected override LayeredNetwork Create() => new LayeredArchitecture
    {
        Input = new(3, 32, 32),
        Layers =
        [
            new Convolution(16, 3), new ChannelNormalization(Normalization.Batch), new Rectifier(), Block(16), new Rectifier(), Block(16), new Rectifier(),
            new Convolution(32, 3, 2), new ChannelNormalization(Normalization.Batch), new Rectifier(), Block(32), new Rectifier(), Block(32), new Rectifier(),
            new GlobalMean(), new Dense(10),
        ],
    };

    private static Residual Block(int channels) => new(
        new Convolution(channels, 3), new ChannelNormalization(Normalization.Batch), new Rectifier(), new Convolution(channels, 3),
        new ChannelNormalization(Normalization.Batch));
}

internal sealed class OnnxTransformerKernels : OnnxKernels
{
    protected override string Network => "transformer of 2 blocks, 64 places, 64 channels, 4 heads";

    protected override LayeredNetwork Create() => new LayeredArchitecture
    {
        Input = new(64, 64, 1),
        Layers = [new Positions(AreLearned: false), .. Block(), .. Block(), new LayerNormalization(), new GlobalMean(), new Dense(10)],
    };

    private static Layer[] Block() =>
    [
        new Residual(new LayerNormalization(), new Attention(4)),
        new Residual(new LayerNormalization(), new Convolution(256, 1), new Gelu(), new Convolution(64, 1)),
    ];
}

internal sealed class OnnxPerceptronKernels : OnnxKernels
{
    protected override string Network => "perceptron 784-64-64-64";

    protected override LayeredNetwork Create() => new EmbeddingArchitecture { InputSize = 784, HiddenUnits = [64, 64], EmbeddingSize = 64 };
}

internal sealed class OnnxStudentKernels : OnnxKernels
{
    protected override string Network => "student of 64 hidden units, 784 features, 10 classes";

    protected override LayeredNetwork Create() => new EmbeddingArchitecture { InputSize = 784, HiddenUnits = [64], EmbeddingSize = 10 };
}

internal sealed class OnnxBlocksKernels : OnnxKernels
{
    protected override string Network => "four-block convolution, 28 × 28";

    protected override LayeredNetwork Create() => new EmbeddingArchitecture { InputSize = 784, ImageShape = new(1, 28, 28), Filters = 64, Blocks = 4 };
}

internal sealed class OnnxLstmKernels : OnnxKernels
{
    protected override string Network => "two bidirectional LSTM layers of 128, sequences of 18 × 100";

    protected override LayeredNetwork Create() => new LayeredArchitecture { Input = new(100, 18, 1), Layers = [new Lstm(2, 128), new Lstm(2, 128)] };
}

internal sealed class OnnxGruKernels : OnnxKernels
{
    protected override string Network => "two GRU layers of 128, sequences of 18 × 100";

    protected override LayeredNetwork Create() => new LayeredArchitecture { Input = new(100, 18, 1), Layers = [new Gru(1, 128), new Gru(1, 128)] };
}

internal sealed class OnnxJanetKernels : OnnxKernels
{
    protected override string Network => "two JANET layers of 128, sequences of 18 × 100";

    protected override LayeredNetwork Create() =>
        new LayeredArchitecture { Input = new(100, 18, 1), Layers = [new Layers.Janet(1, 128), new Layers.Janet(1, 128)] };
}

internal sealed class OnnxCharacterKernels : OnnxKernels
{
    protected override string Network => "characters of tokens as ELMo reads them, 50 characters, 64 values";

    protected override LayeredNetwork Create() => new LayeredArchitecture
    {
        Input = new(50, 1, 1),
        Layers = [new CharacterFilters(261, 16, [1, 2, 3, 4, 5], [16, 16, 32, 64, 64]), new Rectifier(), new Highway(), new Dense(64)],
    };
}
