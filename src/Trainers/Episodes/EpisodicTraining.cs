using System.Globalization;
using Microsoft.ML.Runtime;
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

    /// <summary>Trains the network and gives what is made of it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="task">Makes the steps, of the network on its device, the source of training episodes and that of validation episodes, or null.</param>
    /// <param name="result">Makes the result, of the trained network.</param>
    /// <param name="passes">How often the rows of an episode go through the network before gradients are taken.</param>
    /// <param name="others">Numbers that a step keeps besides what the layers give, for a number of rows.</param>
    /// <exception cref="InvalidOperationException">A loss or a weight is not finite, or the checkpoint belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public TResult Run<TResult>(
        LayeredNetwork network,
        EpisodeRows training,
        EpisodeRows? validation,
        Device device,
        Func<LayeredModule, EpisodeSource, EpisodeSource?, TrainingTask> task,
        Func<LayeredModule, TResult> result,
        int passes = 1,
        Func<double, double>? others = null)
    {
        double rows = (double)training.Ways(options, options.Turns) * options.RowsPerClass;
        TrainingMemory.Require(options, [network], (long)rows, device, passes, others?.Invoke(rows) ?? 0);
        using DisposeScope scope = NewDisposeScope();
        using LayeredModule module = InitialWeights.Of(Seed, () => new LayeredModule(network));
        module.to(device);
        using var source = new EpisodeSource(options, training, device, augments: true);
        using EpisodeSource? held = validation is null ? null : new EpisodeSource(options, validation, device, augments: false);
        var plan = new TrainingPlan(options, steps, Seed, options.LearningRates.At, Fingerprint(training, validation));
        new TrainingLoop(environment, plan, task(module, source, held)).Run();
        return result(module);
    }

    private string Fingerprint(EpisodeRows training, EpisodeRows? validation) => string.Create(CultureInfo.InvariantCulture,
        $"{options.Fingerprint()} seed {Seed} rows {training.Count} × {training.Size} {training.Hash():x16} validation {validation?.Hash():x16}");
}
