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
    private readonly TrainingPhases _phases = new(options, "generation", networks);

    /// <summary>The seed of the fit.</summary>
    public int Seed { get; } = new MinibatchTraining(environment, options).Seed;

    /// <summary>Says how many networks are trained after all.</summary>
    public void Expect(int number) => _phases.Expect(number);

    /// <summary>Trains the next network, from fresh weights.</summary>
    /// <param name="generation">Which generation it is, from 0; another one has another seed.</param>
    /// <param name="rows">The rows to train on.</param>
    /// <param name="validation">The rows whose label loss stops training early and chooses the weights; null for none.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="validationLoss">The loss on the rows to validate on.</param>
    public NetworkWeights Train(int generation, BatchSource rows, BatchSource? validation, StudentLoss loss, StudentLoss validationLoss)
    {
        StudentOptions own = _phases.Next<StudentOptions>();
        own.Seed = generation == 0 ? Seed : StepRandom.Create(Seed, -1_000_000 - generation).Next();
        var training = new MinibatchTraining(environment, own);
        return _phases.Run(
            training.Fingerprint(rows, validation),
            () => training.Run(
                rows, validation, device, [architecture], () => new LayeredModule(architecture), Loss, network => NetworkWeights.Of(architecture, network)),
            (writer, weights) => weights.Write(writer, architecture),
            reader => NetworkWeights.Read(reader, architecture) is { IsFinite: true } weights ? weights : throw new FormatException("A weight is not finite."));

        MinibatchLoss Loss(LayeredModule network) => (batch, _) =>
            (network.training ? loss : validationLoss)(batch[StudentRows.Probabilities], batch[StudentRows.Class], network.forward(batch.Inputs));
    }

    /// <summary>Says that all networks are trained.</summary>
    public void End() => _phases.End();

    /// <summary>Leaves the checkpoint folder to others.</summary>
    public void Dispose() => _phases.Dispose();

    /// <summary>The scoring form of a network.</summary>
    public ProbabilityScorer Score(params IReadOnlyList<NetworkWeights> weights) =>
        new(architecture, [.. weights.Select(of => EmbeddingScorer.Create(architecture, of, device))]);

    /// <summary>Stops a fit that was cancelled.</summary>
    public void Check() => Host.ThrowIfCanceled(environment);
}
