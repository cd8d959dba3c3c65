using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Episodes;

/// <summary>Trains a network on episodes, from fresh weights to the end of <see cref="TrainingLoop"/>.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">How episodes are drawn and how training goes.</param>
/// <param name="steps">Optimizer steps.</param>
internal sealed class EpisodicTraining(IHostEnvironment environment, FewShotOptions options, long steps)
{
    /// <summary>The seed of a fit.</summary>
    public int Seed { get; } = options.Seed ?? Host.Seed(environment) ?? (options.CheckpointFolder is null ? Random.Shared.Next() : 0);

    /// <summary>Trains an embedding whose class means are prototypes.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="loss">The loss of an episode.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="validationEpisodes">Episodes in a validation.</param>
    /// <param name="device">Where to train.</param>
    /// <exception cref="InvalidOperationException">A loss or a weight is not finite, or the checkpoint belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public NetworkWeights LearnPrototypes(
        EmbeddingArchitecture architecture, PrototypeLoss loss, EpisodeRows training, EpisodeRows? validation, int validationEpisodes, Device device) =>
        Run(training, validation, device, () => EmbeddingModule.Create(architecture),
            (network, source, held) => new EpisodicTask(network, loss, source, held, validationEpisodes, Seed),
            network => NetworkWeights.Of(architecture, network));

    private TResult Run<TNetwork, TResult>(
        EpisodeRows training, EpisodeRows? validation, Device device, Func<TNetwork> create,
        Func<TNetwork, EpisodeSource, EpisodeSource?, TrainingTask> task, Func<TNetwork, TResult> result)
        where TNetwork : nn.Module
    {
        using DisposeScope scope = NewDisposeScope();
        using var random = new TorchRandomScope(Seed);
        using TNetwork network = create();
        network.to(device);
        using var source = new EpisodeSource(options, training, device, augments: true);
        using EpisodeSource? held = validation is null ? null : new EpisodeSource(options, validation, device, augments: false);
        new TrainingLoop(environment, new TrainingPlan(options, steps, Seed, Rate, Fingerprint(training, validation)), task(network, source, held)).Run();
        return result(network);
    }

    private double Rate(long step, double fraction) => options.LearningRateDecay.Rate(options.LearningRate, options.HalvingInterval, step, fraction);

    private string Fingerprint(EpisodeRows training, EpisodeRows? validation)
    {
        var plain = (FewShotOptions)options.Copy();
        plain.CheckpointFolder = null;
        return string.Create(CultureInfo.InvariantCulture,
            $"{JsonSerializer.Serialize<object>(plain)} seed {Seed} rows {training.Count} × {training.Size} {training.Hash():x16} validation {validation?.Hash():x16}");
    }
}
