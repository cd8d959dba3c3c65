using MLNet.Papers.Episodes;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>Trains an embedding whose class means are prototypes.</summary>
internal static class PrototypicalNetworkTraining
{
    /// <summary>The weights that episodes teach.</summary>
    /// <param name="episodes">How episodes are drawn and how training goes.</param>
    /// <param name="architecture">The network.</param>
    /// <param name="loss">The loss of an episode.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="validationEpisodes">Episodes in a validation.</param>
    /// <param name="device">Where to train.</param>
    /// <exception cref="InvalidOperationException">A loss or a weight is not finite, or the checkpoint belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static NetworkWeights LearnPrototypes(
        this EpisodicTraining episodes,
        EmbeddingArchitecture architecture,
        PrototypeLoss loss,
        EpisodeRows training,
        EpisodeRows? validation,
        int validationEpisodes,
        Device device) => episodes.Run(
            architecture, training, validation, device,
            (network, source, held) => new PrototypicalNetworkTask(network, loss, source, held, validationEpisodes, episodes.Seed),
            network => NetworkWeights.Of(architecture, network),
            others: rows => loss.SupportInTurn ? 4 * rows * rows : 0);  // in turn: the logits of all turns
}
