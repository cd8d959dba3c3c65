using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.CoVe;

/// <summary>A trained encoder outside of torch, with the vectors of the words that it reads, as transformers keep and save it. Immutable.</summary>
internal sealed record EncoderModel(EncoderArchitecture Architecture, NetworkWeights Weights, FastTextModel WordVectors)
{
    private const string Prefix = "encoder.";

    /// <summary>Writes all but the word vectors.</summary>
    public void Write(ModelWriter writer)
    {
        writer.WriteJson("encoder", Architecture);
        Weights.Write(writer, Architecture, Prefix);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; the word vectors follow in the stream behind the blocks.</summary>
    /// <exception cref="FormatException">The blocks are missing or describe no network.</exception>
    public static (EncoderArchitecture Architecture, NetworkWeights Weights) Read(ModelReader reader)
    {
        EncoderArchitecture architecture = reader.ReadJson<EncoderArchitecture>("encoder");
        return architecture.FindFault() is { } fault
            ? throw new FormatException($"Block 'encoder' describes no network: {fault}.")
            : (architecture, NetworkWeights.Read(reader, architecture, Prefix));
    }

    /// <summary>Puts what was read together with the word vectors, which follow in the stream.</summary>
    /// <exception cref="FormatException">The word vectors are damaged or of another length.</exception>
    public static EncoderModel Of(EncoderArchitecture architecture, NetworkWeights weights, Stream stream)
    {
        FastTextModel vectors = FastTextModel.ReadChunks(stream);
        return vectors.Dimension == architecture.EmbeddingSize
            ? new(architecture, weights, vectors)
            : throw new FormatException($"The word vectors have {vectors.Dimension} values, but the encoder reads {architecture.EmbeddingSize}.");
    }
}
