using MLNet.Papers.Networks;

namespace MLNet.Papers.Bert;

/// <summary>
/// The network in the form that scores: no gradients, safe to share between threads. The values of a text do not depend on what is scored with it.
/// </summary>
internal abstract class BertScorer : IScorer
{
    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static BertScorer Create(BertArchitecture architecture, NetworkWeights weights, TorchDevice device) =>
        device.IsCpu ? KernelBertScorer.Of(architecture, weights) : new TorchBertScorer(architecture, weights, device);

    /// <summary>Runs texts through the network.</summary>
    /// <param name="batch">The texts, none longer than the positions of the network.</param>
    /// <param name="lowest">The lowest layer that is asked for.</param>
    /// <param name="highest">The highest one: nothing above it is computed.</param>
    /// <param name="receive">Is given the layers of each text.</param>
    /// <param name="firstOnly">Whether the vector of the first piece is enough; others may be missing then.</param>
    public abstract void Run(BertBatch batch, int lowest, int highest, BertReceiver receive, bool firstOnly = false);

    /// <inheritdoc/>
    public abstract bool IsNative { get; }

    public abstract void Dispose();
}
