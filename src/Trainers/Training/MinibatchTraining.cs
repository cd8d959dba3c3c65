using Microsoft.ML.Runtime;
using MLNet.Papers.Networks;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Trains a network on rows, from fresh weights to the end of <see cref="TrainingLoop"/>.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">How training goes.</param>
/// <param name="named">The options that are named where a training takes too much memory, if they are others.</param>
internal sealed class MinibatchTraining(IHostEnvironment environment, MinibatchOptions options, TechniqueOptions? named = null)
{
    /// <summary>The seed of a fit.</summary>
    public int Seed { get; } = options.SeedOf(environment);

    /// <summary>Trains a network.</summary>
    /// <param name="rows">All rows that were given; those to validate on are taken from them if the options say so.</param>
    /// <param name="validation">Other rows to validate on, or null.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="architectures">What the network is made of, whose memory is checked.</param>
    /// <param name="create">Makes the network; torch's generator is seeded.</param>
    /// <param name="loss">The loss of the network that was made.</param>
    /// <param name="result">What to keep of the trained network.</param>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows, or a loss or a weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public TResult Run<TNetwork, TResult>(
        TrainingRows rows,
        TrainingRows? validation,
        Device device,
        IReadOnlyList<INetworkArchitecture> architectures,
        Func<TNetwork> create,
        Func<TNetwork, MinibatchLoss> loss,
        Func<TNetwork, TResult> result)
        where TNetwork : nn.Module
    {
        RequireRows(rows.Count, validation?.Count);
        using (IChannel channel = environment.Start(nameof(MinibatchTraining)))
        {
            rows.ReportFile(channel);
            validation?.ReportFile(channel);
        }

        ValidationSplit split = ValidationSplit.Draw(
            rows.Count, validation is null ? options.ValidationFraction : 0, Seed, rows.HasClasses ? row => rows.ClassOf(row) : null);
        TrainingRows held = validation ?? rows;
        int[] validated = validation is null ? split.Validation : [.. Enumerable.Range(0, validation.Count)];
        return Run(
            new RowBatches(rows, split.Training, device),
            validated.Length == 0 ? null : new RowBatches(held, validated, device),
            device,
            architectures,
            create,
            loss,
            result);
    }

    /// <summary>The same for a network of layers.</summary>
    /// <param name="rows">All rows that were given; those to validate on are taken from them if the options say so.</param>
    /// <param name="validation">Other rows to validate on, or null.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="architecture">The network.</param>
    /// <param name="loss">The loss of what it gives (B, M) and of targets, a mean over the rows.</param>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows, or a loss or a weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public NetworkWeights Run(TrainingRows rows, TrainingRows? validation, Device device, LayeredNetwork architecture, Func<Tensor, Tensor, Tensor> loss) =>
        Run(
            rows,
            validation,
            device,
            [architecture],
            () => new LayeredModule(architecture),
            network => (batch, _) => loss(network.forward(batch.Inputs), batch.Targets),
            network => NetworkWeights.Of(architecture, network));

    /// <summary>The same with minibatches made in another way, all of whose rows are trained on.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows, or a loss or a weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public TResult Run<TNetwork, TResult>(
        BatchSource rows, BatchSource? validation, Device device, IReadOnlyList<INetworkArchitecture> architectures, Func<TNetwork> create,
        Func<TNetwork, MinibatchLoss> loss, Func<TNetwork, TResult> result)
        where TNetwork : nn.Module =>
        Run(
            rows, validation, device, architectures, create,
            (Func<TNetwork, MinibatchTask>)(network => new MinibatchLossTask(options, network, loss(network), rows, validation, Seed)), result);

    /// <summary>The same with a task whose players have losses of their own.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows, or a loss or a weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public TResult Run<TNetwork, TResult>(
        BatchSource rows, BatchSource? validation, Device device, IReadOnlyList<INetworkArchitecture> architectures, Func<TNetwork> create,
        Func<TNetwork, MinibatchTask> task, Func<TNetwork, TResult> result)
        where TNetwork : nn.Module
    {
        RequireRows(rows.Count, validation?.Count);
        TrainingMemory.Require(named ?? options, architectures, Math.Min(rows.Count, options.BatchSize), device);
        using DisposeScope scope = NewDisposeScope();
        using TNetwork network = InitialWeights.Of(Seed, create);
        network.to(device);
        MinibatchTask learning = task(network);
        var plan = new TrainingPlan(options, (long)options.Epochs * learning.StepsPerEpoch, Seed, options.LearningRates.At, Fingerprint(rows, validation));
        new TrainingLoop(environment, plan, learning).Run();
        return result(network);
    }

    /// <summary>Checks how many rows there are.</summary>
    /// <param name="rows">Rows to train on.</param>
    /// <param name="validation">Other rows to validate on; null where there are none.</param>
    /// <exception cref="InvalidOperationException">There are too few.</exception>
    public static void RequireRows(int rows, int? validation)
    {
        if (rows < 2)
        {
            throw new InvalidOperationException(
                Invariant($"Training needs at least 2 rows, but has {rows}. Add rows; those without a label or a target do not count."));
        }

        if (validation == 0)
        {
            throw new InvalidOperationException(
                "Validation has no rows that can be validated on. Give it rows, with labels where training has them, or set it to null.");
        }
    }

    /// <summary>A text that differs for other options, another seed or other rows.</summary>
    public string Fingerprint(BatchSource rows, BatchSource? validation) =>
        Invariant($"{options.Fingerprint()} seed {Seed} rows {rows.Fingerprint()} validation {validation?.Fingerprint()}");
}
