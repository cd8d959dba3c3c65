using MLNet.Papers.Networks;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>The network in the form that scores: no gradients, no training state, safe to share between threads. Every sentence begins from zero states.</summary>
internal abstract class ElmoScorer(ElmoArchitecture architecture) : IScorer
{
    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static ElmoScorer Create(ElmoArchitecture architecture, NetworkWeights weights, TorchDevice device) =>
        device.IsCpu ? new FusedElmoScorer(architecture, weights) : new DeviceElmoScorer(architecture, weights, device);

    /// <summary>Runs sentences through the network.</summary>
    /// <param name="sentences">Their tokens; those without tokens are passed over.</param>
    /// <param name="receive">Is given the number of each sentence and its layers, which last until it returns; on any thread, and several at a time.</param>
    public void Run(IReadOnlyList<string[]> sentences, Action<int, SentenceLayers> receive)
    {
        IReadOnlyList<SentenceGroup> groups = SentenceGroup.Of(sentences, architecture.ValuesOfAToken);
        if (groups.Count > 0)
            RunGroups(groups, receive);
    }

    /// <inheritdoc/>
    public virtual bool IsNative => false;

    public abstract void Dispose();

    /// <summary>Runs groups of sentences.</summary>
    protected abstract void RunGroups(IReadOnlyList<SentenceGroup> groups, Action<int, SentenceLayers> receive);
}
