using MLNet.Papers.CoVe;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>A small network with random weights, in the form that trains and in the form that is saved.</summary>
internal sealed class SmallTranslator : IDisposable
{
    public SmallTranslator(int layers = 2, bool inputFeeding = true, int hidden = 5, int words = 11, double bound = 0.7)
    {
        var architecture = new EncoderArchitecture { EmbeddingSize = 8, HiddenSize = hidden, Layers = layers };
        var decoder = new DecoderArchitecture { EmbeddingSize = 4, StateSize = 2 * hidden, Layers = layers, Words = words, InputFeeding = inputFeeding };
        random.manual_seed(5).Dispose();
        (EncoderModule, DecoderModule) = (new EncoderModule(architecture), new DecoderModule(decoder));
        using (no_grad())
        {
            foreach (TorchSharp.Modules.Parameter weight in EncoderModule.parameters().Concat(DecoderModule.parameters()))
                weight.uniform_(-bound, bound);
        }

        Encoder = new EncoderModel(architecture, NetworkWeights.Of(architecture, EncoderModule), TranslatedSentences.Vectors());
        Decoder = new DecoderModel(decoder, NetworkWeights.Of(decoder, DecoderModule), new TokenVocabulary([.. Enumerable.Range(0, words - TokenVocabulary.Marks).Select(i => $"w{i}")]));
    }

    public EncoderModule EncoderModule { get; }

    public DecoderModule DecoderModule { get; }

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

    /// <summary>What a scorer says of sentences.</summary>
    public static EncodedSentence[] Encode(EncoderScorer scorer, params string[][] sentences)
    {
        var encoded = new EncodedSentence[sentences.Length];
        scorer.Run(sentences, (number, sentence) => encoded[number] = sentence);
        return encoded;
    }

    public void Dispose()
    {
        EncoderModule.Dispose();
        DecoderModule.Dispose();
    }
}
