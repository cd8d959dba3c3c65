using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers.Adversarial;

/// <summary>What an adversarial training learns from, and how.</summary>
/// <param name="Options">The options.</param>
/// <param name="Layout">What a row is.</param>
/// <param name="Training">The rows to learn from.</param>
/// <param name="Validation">Those to validate on, or null.</param>
/// <param name="Seed">The seed of everything random.</param>
/// <param name="Channel">The log.</param>
internal sealed record AdversarialLearner(
    AdversarialAutoencoderOptions Options, RowLayout Layout, BatchSource Training, BatchSource? Validation, int Seed, IChannel Channel)
{
    /// <summary>Learns an autoencoder.</summary>
    /// <param name="environment">The environment of the fit.</param>
    /// <param name="options">The options.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="channel">The log.</param>
    /// <param name="encoder">From rows to what codes are made of.</param>
    /// <param name="decoder">From codes to rows.</param>
    /// <param name="discriminators">Who judges them, by the names of the networks.</param>
    /// <param name="task">How all of them learn.</param>
    /// <exception cref="InvalidOperationException">
    /// There are too few rows, it would take too much memory, or a loss or a weight is not finite; or the checkpoint belongs to another training.
    /// </exception>
    public static AutoencoderModel Run(
        IHostEnvironment environment, AdversarialAutoencoderOptions options, AutoencoderRows rows, IChannel channel, LayeredArchitecture encoder,
        LayeredArchitecture decoder, IReadOnlyList<(string Name, LayeredArchitecture Network)> discriminators,
        Func<AdversarialLearner, JointModule, AdversarialTask> task)
    {
        TorchDevice device = TorchDevice.Of(environment);
        var training = new MinibatchTraining(environment, options);
        MinibatchTraining.RequireRows(rows.Rows.Count, rows.Validation?.Count);
        encoder.RequireScorable(options.GetType().Name);
        decoder.RequireScorable(options.GetType().Name);
        ValidationSplit split = ValidationSplit.Draw(rows.Rows.Count, rows.Validation is null ? options.ValidationFraction : 0, training.Seed);
        int[] validated = rows.Validation is { } others ? [.. Enumerable.Range(0, others.Count)] : split.Validation;
        rows.Rows.ReportFile(channel);
        var learner = new AdversarialLearner(
            options, rows.Layout, new RowBatches(rows.Rows, split.Training, device),
            validated.Length == 0 ? null : new RowBatches(rows.Validation ?? rows.Rows, validated, device), training.Seed, channel);
        IEnumerable<(string Name, LayeredArchitecture Network)> all =
            [(AdversarialTask.EncoderName, encoder), (AdversarialTask.DecoderName, decoder), .. discriminators];
        // What judges does so twice, rows of one kind and of the other.
        INetworkArchitecture[] counted = [.. all.Concat(discriminators).Select(network => network.Network)];
        return training.Run(
            learner.Training, learner.Validation, device, counted,
            () => new JointModule([.. all.Select(network => (network.Name, network.Network.Describe() with { Initialization = Initialization.Uniform }))]),
            network => task(learner, network),
            network => new AutoencoderModel(
                rows.Layout, encoder, NetworkWeights.Of(encoder, network[AdversarialTask.EncoderName]), decoder,
                NetworkWeights.Of(decoder, network[AdversarialTask.DecoderName])));
    }
}
