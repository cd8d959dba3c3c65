using Microsoft.ML;
using MLNet.Papers.Episodes;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.PrototypicalNetworks;

/// <summary>Our trainer, from the data view to the fitted transformer, against a bare loop over the same tensors with the same episodes.</summary>
internal abstract class TrainingComparison(int episodes) : Comparison
{
    private const int Ways = 20;
    private const int Shots = 1;
    private const int Queries = 5;

    public override string Goal => "≥ 0.95 of its steps per second";

    protected abstract PrototypicalNetworkOptions Options(int steps);

    /// <summary>The network of the bare loop.</summary>
    protected abstract nn.Module<Tensor, Tensor> Network();

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        LabelledRow[] rows = BenchmarkData.Rows(400);
        IDataView view = BenchmarkData.View(ml, rows);
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: Options(episodes)).Fit(view).Dispose(),
            () => BareLoop(rows),
            turns: 7);
        return Task.FromResult(
            new Measured(Text($"{ratio:F2}"), Text($"{episodes / ours.TotalSeconds:F1} against {episodes / peer.TotalSeconds:F1} steps a second")));
    }

    private void BareLoop(LabelledRow[] rows)
    {
        using DisposeScope outer = NewDisposeScope();
        Tensor features = tensor(rows.SelectMany(row => row.Features).ToArray(), [rows.Length, BenchmarkData.Size]);
        int[][] byClass =
        [
            .. Enumerable.Range(0, BenchmarkData.Classes).Select(label => Enumerable.Range(0, rows.Length).Where(i => rows[i].Label == label).ToArray()),
        ];
        var sampler = new EpisodeSampler(byClass, Ways, Shots, Queries);
        using nn.Module<Tensor, Tensor> network = Network();
        using optim.Optimizer optimizer = optim.Adam(network.parameters(), 1e-4);
        network.train();
        for (int step = 0; step < episodes; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Episode episode = sampler.Draw(StepRandom.Create(1, step));
            Tensor index = tensor(episode.Support.Concat(episode.Queries).Select(row => (long)row).ToArray());
            optimizer.zero_grad();
            Tensor embeddings = network.forward(features.index_select(0, index));
            Tensor prototypes = embeddings.narrow(0, 0, Ways * Shots).view(Ways, Shots, -1).mean([1]);
            Tensor distances = cdist(embeddings.narrow(0, Ways * Shots, Ways * Queries), prototypes).square();
            Tensor loss = nn.functional.cross_entropy(-distances, arange(Ways, ScalarType.Int64).repeat_interleave(Queries));
            loss.backward();
            optimizer.step();
            _ = loss.item<float>();
        }
    }
}

internal sealed class ConvolutionTrainingAgainstBareLoop() : TrainingComparison(episodes: 20)
{
    public override string Name => "training, four-block convolution, against a bare TorchSharp loop";

    protected override PrototypicalNetworkOptions Options(int steps) => BenchmarkData.Convolution(steps);

    protected override nn.Module<Tensor, Tensor> Network() => BareNetworks.Convolution();
}

internal sealed class ConvolutionTrainingAgainstBareLoopWithOurNetwork() : TrainingComparison(episodes: 20)
{
    public override string Name => "training, four-block convolution, against a bare TorchSharp loop with our network module";

    protected override PrototypicalNetworkOptions Options(int steps) => BenchmarkData.Convolution(steps);

    protected override nn.Module<Tensor, Tensor> Network() =>
        new LayeredModule(new EmbeddingArchitecture { InputSize = BenchmarkData.Size, ImageShape = BenchmarkData.Image, Filters = 64, Blocks = 4 });
}

internal sealed class PerceptronTrainingAgainstBareLoop() : TrainingComparison(episodes: 300)
{
    public override string Name => "training, perceptron 784-64-64-64, against a bare TorchSharp loop";

    protected override PrototypicalNetworkOptions Options(int steps) => BenchmarkData.Perceptron(steps);

    protected override nn.Module<Tensor, Tensor> Network() => BareNetworks.Perceptron();
}
