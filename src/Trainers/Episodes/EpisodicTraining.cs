using System.Globalization;
using Microsoft.ML.Runtime;
using MLNet.Papers.FewShot;
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
    public int Seed { get; } = options.SeedOf(environment);

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
        Run(training, validation, device, architecture, passes: 1, loss.SupportInTurn, () => new LayeredModule(architecture),
            (network, source, held) => new EpisodicTask(network, loss, source, held, validationEpisodes, Seed),
            network => NetworkWeights.Of(architecture, network));

    /// <summary>Trains an initialization from which gradient steps reach a classifier.</summary>
    /// <param name="meta">The inner steps.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="validationEpisodes">Tasks in a validation.</param>
    /// <param name="device">Where to train.</param>
    /// <exception cref="InvalidOperationException">A loss or a weight is not finite, or the checkpoint belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public MamlNetwork LearnInitialization(MetaLearningOptions meta, EpisodeRows training, EpisodeRows? validation, int validationEpisodes, Device device)
    {
        const int StatisticsRows = 1024;
        int ways = Math.Min(meta.Ways, (meta.Rotations ? 4 : 1) * training.FewestClasses);
        LayeredArchitecture architecture = meta.MamlArchitecture(training.Size, ways).RequireScorable(meta.GetType().Name);
        var function = new LayeredFunction(architecture);
        // Each inner step is a pass of its own, whose gradients are graphs too unless they are taken for constants.
        int passes = meta.FirstOrder ? 2 : 2 * (meta.InnerSteps + 1);
        return Run(training, validation, device, architecture, passes, inTurn: false, () => new LayeredModule(architecture), Task, network =>
        {
            int rows = Math.Min(StatisticsRows, training.Count);
            float[] some = [.. Enumerable.Range(0, rows).SelectMany(i => training.Features.AsSpan((int)((long)training.Count * i / rows) * training.Size, training.Size).ToArray())];
            return new MamlNetwork(architecture, function.Finish(tensor(some, [rows, training.Size]).to(device), function.WeightsOf(network)), meta.InnerLearningRate, meta.AdaptationSteps);
        });

        MamlTask Task(LayeredModule network, EpisodeSource source, EpisodeSource? held) => new(
            network, function, (logits, classes) => nn.functional.cross_entropy(logits, classes), random => Draw(source, random),
            held is null ? [] : [.. Enumerable.Range(0, validationEpisodes).Select<int, Func<MetaTask>>(episode => () => Draw(held, StepRandom.Create(Seed, -1 - episode)))], meta);
    }

    private MetaTask Draw(EpisodeSource source, Random random)
    {
        Tensor rows = source.Draw(random).Rows;
        Tensor classes = arange(source.Ways, ScalarType.Int64, rows.device);
        return new MetaTask(rows, classes.repeat_interleave(options.Shots), classes.repeat_interleave(options.QueriesPerClass));
    }

    private TResult Run<TNetwork, TResult>(
        EpisodeRows training, EpisodeRows? validation, Device device, INetworkArchitecture architecture, int passes, bool inTurn, Func<TNetwork> create,
        Func<TNetwork, EpisodeSource, EpisodeSource?, TrainingTask> task, Func<TNetwork, TResult> result)
        where TNetwork : nn.Module
    {
        double ways = Math.Min(options.Ways, (options.Rotations ? 4 : 1) * (double)training.FewestClasses), rows = ways * options.RowsPerClass;
        // With every example as support in turn, logits of all turns are kept.
        TrainingMemory.Require(options, [architecture], (long)rows, device, passes, inTurn ? 4 * rows * rows : 0);
        using DisposeScope scope = NewDisposeScope();
        using TNetwork network = InitialWeights.Of(Seed, create);
        network.to(device);
        using var source = new EpisodeSource(options, training, device, augments: true);
        using EpisodeSource? held = validation is null ? null : new EpisodeSource(options, validation, device, augments: false);
        new TrainingLoop(environment, new TrainingPlan(options, steps, Seed, options.LearningRates.At, Fingerprint(training, validation)), task(network, source, held)).Run();
        return result(network);
    }

    private string Fingerprint(EpisodeRows training, EpisodeRows? validation) => string.Create(CultureInfo.InvariantCulture,
        $"{options.Fingerprint()} seed {Seed} rows {training.Count} × {training.Size} {training.Hash():x16} validation {validation?.Hash():x16}");
}
