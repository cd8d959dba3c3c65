using MLNet.Papers.CoVe;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>A small network with random weights, in the form that trains and in the form that is saved.</summary>
internal sealed class SmallTranslator : IDisposable
{
    private readonly RecurrentStack _stack;

    public SmallTranslator(int layers = 2, bool inputFeeding = true, int hidden = 5, int words = 11, double bound = 0.7)
    {
        var architecture = new EncoderArchitecture { EmbeddingSize = 8, HiddenSize = hidden, Layers = layers };
        var decoder = new DecoderArchitecture { EmbeddingSize = 4, StateSize = 2 * hidden, Layers = layers, Words = words, InputFeeding = inputFeeding };
        random.manual_seed(5).Dispose();
        _stack = architecture.Stack();
        (EncoderModule, DecoderModule) = (new WeightModule(_stack.AllWeights()), new WeightModule(decoder.AllWeights()));
        using (no_grad())
        {
            foreach (TorchSharp.Modules.Parameter weight in EncoderModule.parameters().Concat(DecoderModule.parameters()))
                weight.uniform_(-bound, bound);
        }

        Encoder = new EncoderModel(architecture, NetworkWeights.Of(architecture, EncoderModule), TranslatedSentences.Vectors());
        Decoder = new DecoderModel(
            decoder, NetworkWeights.Of(decoder, DecoderModule),
            new TokenVocabulary([.. Enumerable.Range(0, words - TokenVocabulary.Marks).Select(i => $"w{i}")]));
    }

    public WeightModule EncoderModule { get; }

    public WeightModule DecoderModule { get; }

    public Decoder DecoderFunction => new(Decoder.Architecture, DecoderModule.Of);

    public EncoderModel Encoder { get; }

    public DecoderModel Decoder { get; }

    /// <summary>(T, B, 8): the vectors of the words of some sentences.</summary>
    public Tensor Vectors(string[][] sentences, RightAlignedBatch batch)
    {
        float[] values = new float[batch.Steps * sentences.Length * 8];
        for (int row = 0; row < sentences.Length; row++)
        {
            for (int token = 0; token < sentences[row].Length; token++)
                Encoder.WordVectors.GetWordVector(sentences[row][token]).CopyTo(values, batch.Place(row, token) * 8);
        }

        return tensor(values, [batch.Steps, sentences.Length, 8]);
    }

    /// <summary>What the top layer says of sentences, and the states after them, the directions side by side.</summary>
    public (Tensor Top, RecurrentState[] Final) Read(Tensor vectors, RightAlignedBatch batch)
    {
        (Tensor[] outputs, RecurrentState[] states) = _stack.Run(vectors, EncoderModule.Of, null, batch.Kept, batch.Reverse);
        return (outputs[^1], [.. states.Select(state => new RecurrentState(Joined(state.Hidden), Joined(state.Cell)))]);

        static Tensor Joined(Tensor directions) => cat([directions[0], directions[1]], 1).unsqueeze(0);
    }

    /// <summary>What a scorer says of sentences.</summary>
    public static EncodedSentence[] Encode(EncoderScorer scorer, params string[][] sentences)
    {
        var encoded = new EncodedSentence[sentences.Length];
        scorer.Run(sentences, (number, sentence) => encoded[number] = sentence with { Layers = sentence.Layers.Kept() });
        return encoded;
    }

    public void Dispose()
    {
        EncoderModule.Dispose();
        DecoderModule.Dispose();
    }
}
