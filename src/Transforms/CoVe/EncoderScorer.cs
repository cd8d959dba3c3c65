using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>The encoder in the form that scores: no gradients, safe to share between threads.</summary>
/// <param name="model">The encoder.</param>
/// <param name="stack">The scoring form of its layers, which is disposed with this.</param>
internal sealed class EncoderScorer(EncoderModel model, SequenceScorer stack) : IScorer
{
    private readonly RecurrentStack _layers = model.Architecture.Stack();

    /// <summary>Makes the scoring form of an encoder for a device.</summary>
    public static EncoderScorer Create(EncoderModel model, TorchDevice device) =>
        new(model, SequenceScorer.Create(model.Architecture.Stack(), model.Weights, device));

    /// <inheritdoc/>
    public bool IsNative => stack.IsNative;

    public void Dispose() => stack.Dispose();

    /// <summary>Runs sentences through the network.</summary>
    /// <param name="sentences">Their tokens; those without tokens are passed over.</param>
    /// <param name="receive">
    /// Is given the number of each sentence and what the encoder says of it, which lasts until it returns; on any thread, and several at a time.
    /// </param>
    public void Run(IReadOnlyList<string[]> sentences, Action<int, EncodedSentence> receive)
    {
        IReadOnlyList<SentenceGroup> groups = SentenceGroup.Of(sentences, stack.ValuesOfAStep);
        if (groups.Count == 0)
            return;
        SentenceGroup.Run(groups,
            IsNative ? 0 : stack.WorkOfAStep, group => SequenceLayers.Use(_layers, Array.ConvertAll(group.Sentences, sentence => sentence.Length), layers =>
        {
            foreach ((string[] sentence, SequenceLayers own) in group.Sentences.Zip(layers))
            {
                for (int token = 0; token < sentence.Length; token++)
                    model.WordVectors.WordVector(sentence[token], own.Step(0, 0, token));
            }

            stack.Run(layers);
            for (int row = 0; row < layers.Length; row++)
                receive(group.Numbers[row], new EncodedSentence(group.Sentences[row], layers[row]));
        }));
    }
}
