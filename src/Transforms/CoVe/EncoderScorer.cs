using MLNet.Papers.Networks;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>The encoder in the form that scores: no gradients, safe to share between threads.</summary>
internal abstract class EncoderScorer(EncoderArchitecture architecture) : IScorer
{
    /// <summary>Makes the scoring form of an encoder for a device.</summary>
    public static EncoderScorer Create(EncoderModel model, TorchDevice device) =>
        device.IsCpu ? new FusedEncoderScorer(model) : new DeviceEncoderScorer(model, device);

    /// <summary>Runs sentences through the network.</summary>
    /// <param name="sentences">Their tokens; those without tokens are passed over.</param>
    /// <param name="receive">Is given the number of each sentence and what the encoder says of it; on any thread, and several at a time.</param>
    public void Run(IReadOnlyList<string[]> sentences, Action<int, EncodedSentence> receive)
    {
        IReadOnlyList<SentenceGroup> groups = SentenceGroup.Of(sentences, architecture.ValuesOfAToken);
        if (groups.Count > 0)
            RunGroups(groups, receive);
    }

    /// <inheritdoc/>
    public virtual bool IsNative => false;

    public abstract void Dispose();

    /// <summary>Runs groups of sentences.</summary>
    protected abstract void RunGroups(IReadOnlyList<SentenceGroup> groups, Action<int, EncodedSentence> receive);

    /// <summary>The vectors of a sentence's words, one after the other.</summary>
    protected static float[] WordVectors(FastTextModel words, string[] sentence)
    {
        float[] vectors = new float[sentence.Length * words.Dimension];
        for (int token = 0; token < sentence.Length; token++)
            words.GetWordVector(sentence[token]).CopyTo(vectors, token * words.Dimension);
        return vectors;
    }
}
