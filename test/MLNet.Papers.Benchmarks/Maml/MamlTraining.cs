using Microsoft.ML;
using MLNet.Papers.Benchmarks.PrototypicalNetworks;
using MLNet.Papers.Episodes;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace MLNet.Papers.Benchmarks.Maml;

/// <summary>Our trainer, second order, from the data view to the fitted transformer, against a bare loop over the same tensors with the same tasks.</summary>
internal sealed class MamlTrainingAgainstBareLoop : Comparison
{
    private const int Steps = 10;
    private const int Ways = 20;
    private const int Queries = 5;
    private const int Filters = 32;
    private const int TasksPerStep = 8;
    private const int InnerSteps = 5;

    public override string Name => "training, MAML, against a bare TorchSharp loop";

    public override string Goal => "≥ 0.95 of its steps per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        LabelledRow[] rows = BenchmarkData.Rows(400);
        IDataView view = BenchmarkData.View(ml, rows);
        var options = new MamlOptions { ImageShape = BenchmarkData.Image, Steps = Steps, LearningRate = 1e-4, AdaptationSteps = 1 };
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => ml.MulticlassClassification.Trainers.Maml(options: options).Fit(view).Dispose(), () => BareLoop(rows), turns: 5);
        return Task.FromResult(
            new Measured(Text($"{ratio:F2}"), Text($"{Steps / ours.TotalSeconds:F2} against {Steps / peer.TotalSeconds:F2} steps a second")));
    }

    // The same arithmetic: the queries are normalized with the statistics of the support.
    private static void BareLoop(LabelledRow[] rows)
    {
        using DisposeScope outer = NewDisposeScope();
        Tensor features = tensor(rows.SelectMany(row => row.Features).ToArray(), [rows.Length, 1, 28, 28]);
        int[][] byClass =
        [
            .. Enumerable.Range(0, BenchmarkData.Classes).Select(label => Enumerable.Range(0, rows.Length).Where(i => rows[i].Label == label).ToArray()),
        ];
        var sampler = new EpisodeSampler(byClass, Ways, 1, Queries);
        List<TorchSharp.Modules.Parameter> parameters = [];
        for (int block = 0; block < 4; block++)
        {
            int channels = block == 0 ? 1 : Filters;
            parameters.AddRange(
                [nn.Parameter(randn(Filters, channels, 3, 3) * 0.1), nn.Parameter(zeros(Filters)), nn.Parameter(ones(Filters)), nn.Parameter(zeros(Filters))]);
        }

        parameters.AddRange([nn.Parameter(randn(Ways, Filters) * 0.1), nn.Parameter(zeros(Ways))]);
        using optim.Optimizer optimizer = optim.Adam(parameters, 1e-4);
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Random random = StepRandom.Create(1, step);
            optimizer.zero_grad();
            Tensor sum = zeros(1);
            for (int task = 0; task < TasksPerStep; task++)
            {
                Episode episode = sampler.Draw(random);
                Tensor support = Rows(episode.Support), queries = Rows(episode.Queries), classes = arange(Ways, ScalarType.Int64);
                Tensor[] weights = [.. parameters];
                for (int inner = 0; inner < InnerSteps; inner++)
                {
                    IList<Tensor> gradients = autograd.grad(
                        [F.cross_entropy(Forward(support, weights), classes)], weights, retain_graph: true, create_graph: true);
                    weights = [.. weights.Zip(gradients, (weight, gradient) => weight - (0.05 * gradient))];
                }

                sum += F.cross_entropy(Forward(cat([support, queries]), weights, Ways).narrow(0, Ways, Ways * Queries), classes.repeat_interleave(Queries));
            }

            (sum / TasksPerStep).backward();
            optimizer.step();
            _ = sum.item<float>();
        }

        Tensor Rows(int[] places) => features.index_select(0, tensor(Array.ConvertAll(places, row => (long)row)));
    }

    private static Tensor Forward(Tensor images, Tensor[] weights, int? statisticsRows = null)
    {
        Tensor activations = images;
        for (int block = 0; block < 4; block++)
        {
            int first = 4 * block;
            activations = F.conv2d(activations, weights[first], weights[first + 1], [2, 2], [1, 1]);
            activations = statisticsRows is { } seen
                ? Normalize(activations, activations.narrow(0, 0, seen), weights[first + 2], weights[first + 3]).relu()
                : F.batch_norm(activations, zeros(Filters), ones(Filters), weights[first + 2], weights[first + 3], training: true).relu();
        }

        return F.linear(activations.mean([2L, 3L]), weights[^2], weights[^1]);
    }

    private static Tensor Normalize(Tensor activations, Tensor seen, Tensor weight, Tensor bias)
    {
        Tensor mean = seen.mean([0L, 2L, 3L], keepdim: true);
        Tensor variance = seen.var([0L, 2L, 3L], unbiased: false, keepdim: true);
        return ((activations - mean) / (variance + 1e-5).sqrt() * weight.view(1, -1, 1, 1)) + bias.view(1, -1, 1, 1);
    }
}
