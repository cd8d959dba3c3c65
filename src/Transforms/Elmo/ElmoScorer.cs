using MLNet.Papers.Networks;
using TorchSharp;

namespace MLNet.Papers.Elmo;

/// <summary>The network in the form that scores: no gradients, no training state, safe to share between threads. Every sentence begins from zero states.</summary>
internal abstract class ElmoScorer : IDisposable
{
    /// <summary>Sentences that go through the layers side by side.</summary>
    protected const int GroupSize = 32;

    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static ElmoScorer Create(ElmoArchitecture architecture, NetworkWeights weights, torch.Device device) =>
        device.type == DeviceType.CPU ? new FusedElmoScorer(architecture, weights) : new DeviceElmoScorer(architecture, weights, device);

    /// <summary>Runs sentences through the network.</summary>
    /// <param name="sentences">Their tokens; those without tokens are passed over.</param>
    /// <param name="receive">Is given the number of each sentence and its layers, which last until it returns; on any thread, and several at a time.</param>
    public void Run(IReadOnlyList<string[]> sentences, Action<int, SentenceLayers> receive)
    {
        int[] order = [.. Enumerable.Range(0, sentences.Count).Where(i => sentences[i].Length > 0).OrderByDescending(i => sentences[i].Length)];
        if (order.Length > 0)
            RunGroups([.. order.Chunk(GroupSize).Select(group => new SentenceGroup(group, [.. group.Select(i => sentences[i])]))], receive);
    }

    public abstract void Dispose();

    /// <summary>Runs groups of sentences.</summary>
    protected abstract void RunGroups(IReadOnlyList<SentenceGroup> groups, Action<int, SentenceLayers> receive);
}

/// <summary>Sentences that go through the layers side by side, the longest first.</summary>
/// <param name="Numbers">Their numbers.</param>
/// <param name="Sentences">Their tokens.</param>
internal sealed record SentenceGroup(int[] Numbers, string[][] Sentences);
