using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.PrototypicalNetworks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.PrototypicalNetworks;

/// <summary>Batches against rows that go through the network one by one: in torch, as networks are usually scored, and in our own code.</summary>
internal sealed class PerceptronBatchesAgainstSingleRows : Comparison
{
    public override string Name => "scoring a data view, perceptron 784-64-64-64, in batches against a batch size of 1 in TorchSharp";

    public override string Goal => "≥ 10 times the rows per second";

    public override Task<Measured> MeasureAsync()
    {
        const int Rows = 20_000, Singles = 2_000;
        var ml = new MLContext(seed: 1);
        using PrototypicalNetworkTransformer batches = BenchmarkData.Fit(ml, BenchmarkData.Perceptron()),
            single = BenchmarkData.Fit(ml, BenchmarkData.Perceptron());
        single.BatchSize = 1;
        IDataView many = BenchmarkData.View(ml, BenchmarkData.Rows(Rows)), few = BenchmarkData.View(ml, BenchmarkData.Rows(Singles));
        using nn.Module<Tensor, Tensor> network = BareNetworks.Perceptron();
        network.eval();
        float[][] prototypes = [.. batches.Prototypes.Select(prototype => prototype.Values.ToArray())];
        var classifier = new PrototypeClassifier(prototypes, batches.EmbeddingSize, Distance.SquaredEuclidean);

        (double ratio, TimeSpan ours, TimeSpan peer) = SideBySide(() => Read(batches.Transform(many), "Score"), RowByRowInTorch, turns: 9);
        (_, _, TimeSpan own) = SideBySide(() => Read(batches.Transform(many), "Score"), () => Read(single.Transform(few), "Score"), turns: 9);
        return Task.FromResult(new Measured(
            Text($"{ratio * Rows / Singles:F1}"),
            Text($"{Rows / ours.TotalSeconds:N0} against {Singles / peer.TotalSeconds:N0} rows a second; ") +
            Text($"our own code at a batch size of 1 scores {Singles / own.TotalSeconds:N0}")));

        void RowByRowInTorch()
        {
            DataViewSchema.Column features = few.Schema["Features"];
            using DataViewRowCursor cursor = few.GetRowCursor([features]);
            ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(features);
            VBuffer<float> row = default;
            float[] probabilities = new float[BenchmarkData.Classes];
            using IDisposable noGradient = no_grad();
            while (cursor.MoveNext())
            {
                getter(ref row);
                using DisposeScope scope = NewDisposeScope();
                float[] embedding = network.forward(tensor(row.GetValues().ToArray(), [1, BenchmarkData.Size])).data<float>().ToArray();
                classifier.Classify(embedding, probabilities);
            }
        }
    }
}

/// <summary>The same network, called batch by batch on a tensor that is in memory already.</summary>
internal abstract class ScoringAgainstBareLoop : Comparison
{
    protected abstract int Rows { get; }

    protected abstract PrototypicalNetworkOptions Options { get; }

    protected abstract nn.Module<Tensor, Tensor> Network();

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        using PrototypicalNetworkTransformer transformer = BenchmarkData.Fit(ml, Options);
        LabelledRow[] rows = BenchmarkData.Rows(Rows);
        IDataView view = BenchmarkData.View(ml, rows);
        using Tensor features = tensor(rows.SelectMany(row => row.Features).ToArray(), [Rows, BenchmarkData.Size]);
        using nn.Module<Tensor, Tensor> network = Network();
        network.eval();
        (double ratio, TimeSpan ours, TimeSpan peer) = SideBySide(() => Read(transformer.Transform(view), "Score"), BareLoop, turns: 9);
        return Task.FromResult(
            new Measured(
                Text($"{ratio:F2}"),
                Text($"{Rows / ours.TotalSeconds:N0} against {Rows / peer.TotalSeconds:N0} rows a second, batch size {transformer.BatchSize}")));

        void BareLoop()
        {
            using IDisposable noGradient = no_grad();
            for (int first = 0; first < Rows; first += transformer.BatchSize)
            {
                using DisposeScope scope = NewDisposeScope();
                _ = network.forward(features.narrow(0, first, Math.Min(transformer.BatchSize, Rows - first))).data<float>().ToArray();
            }
        }
    }
}

internal sealed class ConvolutionScoringAgainstBareLoop : ScoringAgainstBareLoop
{
    public override string Name => "scoring a data view, four-block convolution, against a bare TorchSharp loop in eval()";

    public override string Goal => "≥ 1.2 times the rows per second";

    protected override int Rows => 2_000;

    protected override PrototypicalNetworkOptions Options => BenchmarkData.Convolution();

    protected override nn.Module<Tensor, Tensor> Network() => BareNetworks.Convolution();
}

internal sealed class PerceptronScoringAgainstBareLoop : ScoringAgainstBareLoop
{
    public override string Name => "scoring a data view, perceptron 784-64-64-64, against a bare TorchSharp loop in eval()";

    public override string Goal => "(for comparison)";

    protected override int Rows => 20_000;

    protected override PrototypicalNetworkOptions Options => BenchmarkData.Perceptron();

    protected override nn.Module<Tensor, Tensor> Network() => BareNetworks.Perceptron();
}
