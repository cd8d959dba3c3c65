using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Distillation;

/// <summary>The loss of a student: of the probabilities p, the labels y and its logits, each (B, K).</summary>
internal delegate Tensor StudentLoss(Tensor teacher, Tensor labels, Tensor logits);

/// <summary>Trains networks of one architecture on the same rows.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">How training goes.</param>
/// <param name="architecture">The networks.</param>
/// <param name="device">Where they are trained.</param>
/// <param name="networks">How many will be trained at most; a TimeLimit is divided among so many.</param>
internal sealed class StudentTraining(IHostEnvironment environment, StudentOptions options, LayeredArchitecture architecture, TorchDevice device, int networks)
    : IDisposable
{
    private readonly FinishedNetworks _finished = new(networks > 1 ? options.CheckpointFolder : null, architecture);
    private TimeSpan _elapsed;
    private int _begun;
    private int? _expected;

    /// <summary>The seed of the fit.</summary>
    public int Seed { get; } = new MinibatchTraining(environment, options).Seed;

    /// <summary>Says how many networks are trained after all.</summary>
    public void Expect(int number) => _expected = number;

    /// <summary>Trains the next network, from fresh weights.</summary>
    /// <param name="generation">Which generation it is, from 0; another one has another seed.</param>
    /// <param name="rows">The rows to train on.</param>
    /// <param name="validation">The rows whose label loss stops training early and chooses the weights; null for none.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="validationLoss">The loss on the rows to validate on.</param>
    public NetworkWeights Train(int generation, MinibatchSource rows, MinibatchSource? validation, StudentLoss loss, StudentLoss validationLoss)
    {
        int number = _begun++;
        var own = (StudentOptions)options.Copy();
        own.Seed = generation == 0 ? Seed : StepRandom.Create(Seed, -1_000_000 - generation).Next();
        own.TimeLimit = options.TimeLimit / networks;
        own.CheckpointFolder = networks == 1 || options.CheckpointFolder is null ? options.CheckpointFolder
            : Path.Combine(options.CheckpointFolder, FormattableString.Invariant($"generation-{number}"));
        own.Progress = options.Progress is null ? null : new PartOfProgress(options.Progress, number, _expected ?? networks, _elapsed, last => _elapsed = last);
        var training = new MinibatchTraining(environment, own);
        string fingerprint = training.Fingerprint(rows, validation);
        if (_finished.TryRead(number, fingerprint) is { } weights)
            return weights;
        weights = training.Run(
            rows,
            validation,
            device,
            [architecture],
            () => new LayeredModule(architecture),
            network => (features, targets, _) =>
            {
                Tensor logits = network.forward(features), teacher = targets.narrow(1, 0, architecture.OutputSize),
                    labels = targets.narrow(1, architecture.OutputSize, architecture.OutputSize);
                return (network.training ? loss : validationLoss)(teacher, labels, logits);
            },
            network => NetworkWeights.Of(architecture, network));
        _finished.Write(number, fingerprint, weights);
        if (own.CheckpointFolder is { } part && part != options.CheckpointFolder && !Directory.EnumerateFileSystemEntries(part).Any())
            Directory.Delete(part);
        return weights;
    }

    /// <summary>Says that all networks are trained.</summary>
    public void End() => _finished.Delete();

    /// <summary>Leaves the checkpoint folder to others.</summary>
    public void Dispose() => _finished.Dispose();

    /// <summary>The scoring form of a network.</summary>
    public ProbabilityScorer Score(params IReadOnlyList<NetworkWeights> weights) =>
        new(architecture, [.. weights.Select(of => EmbeddingScorer.Create(architecture, of, device))]);

    /// <summary>Stops a fit that was cancelled.</summary>
    public void Check() => Host.ThrowIfCanceled(environment);

    /// <summary>Reports the training of one network as a part of the training of all.</summary>
    private sealed class PartOfProgress(IProgress<TrainingProgress> whole, int part, int parts, TimeSpan before, Action<TimeSpan> end)
        : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            double fraction = (part + value.Fraction) / parts;
            TimeSpan elapsed = before + value.Elapsed;
            end(elapsed);
            whole.Report(value with
            {
                Step = Sum((Int128)part * value.Steps, value.Step),
                Steps = Sum((Int128)parts * value.Steps, 0),
                Fraction = fraction,
                Elapsed = elapsed,
                Remaining = TrainingProgress.RemainingAfter(elapsed, fraction),
            });
        }

        private static long Sum(Int128 before, long now) => (long)Int128.Min(before + now, long.MaxValue);
    }
}
