using Microsoft.ML.Runtime;
using MLNet.Papers.Adversarial;
using MLNet.Papers.Codes;

namespace MLNet.Papers.BidirectionalGan;

/// <summary>Learns encoder and generator.</summary>
internal static class BidirectionalGanTraining
{
    /// <param name="environment">The environment of the fit.</param>
    /// <param name="options">How all is built and learned.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="channel">The log.</param>
    /// <exception cref="InvalidOperationException">
    /// There are too few rows, it would take too much memory, or a loss or a weight is not finite; or the checkpoint belongs to another training.
    /// </exception>
    public static AutoencoderModel Run(IHostEnvironment environment, BidirectionalGanLearningOptions options, AutoencoderRows rows, IChannel channel)
    {
        RowLayout layout = rows.Layout;
        DiscriminatorArchitecture discriminator =
            options.Discriminator(layout.Input, options.Objective == BidirectionalGanObjective.BiGan ? options.CodeSize : 0);
        return AdversarialLearner.Run(
            environment, options, rows, channel, options.Encoder(layout.Input), options.Decoder(layout.Output),
            [.. discriminator.Named(AdversarialTask.DiscriminatorName)],
            (learner, network) => new BidirectionalGanTask(options, discriminator, learner, network));
    }
}
