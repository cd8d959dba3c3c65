using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>A trained decoder outside of torch, with the words that it writes. Immutable.</summary>
internal sealed record DecoderModel(DecoderArchitecture Architecture, NetworkWeights Weights, TokenVocabulary Vocabulary)
{
    private const string Prefix = "decoder.";

    public void Write(ModelWriter writer)
    {
        writer.WriteJson("decoder", Architecture);
        Weights.Write(writer, Architecture, Prefix);
        Vocabulary.Write(writer, "vocabulary");
    }

    /// <exception cref="FormatException">The blocks are missing, describe no network or one that does not go with the encoder.</exception>
    public static DecoderModel Read(ModelReader reader, EncoderArchitecture encoder)
    {
        DecoderArchitecture architecture = reader.ReadJson<DecoderArchitecture>("decoder");
        if (architecture.FindFault() is { } fault)
            throw new FormatException($"Block 'decoder' describes no network: {fault}.");
        if (architecture.StateSize != encoder.LayerSize || architecture.Layers != encoder.Layers)
            throw new FormatException("Block 'decoder' does not fit block 'encoder'.");
        NetworkWeights weights = NetworkWeights.Read(reader, architecture, Prefix);
        TokenVocabulary vocabulary = TokenVocabulary.Read(reader, "vocabulary");
        return vocabulary.Count == architecture.Words
            ? new(architecture, weights, vocabulary)
            : throw new FormatException($"Block 'vocabulary.words' has {vocabulary.Count} words with the marks, but the decoder writes {architecture.Words}.");
    }
}
