using MLNet.Papers.Persistence;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>What turns the top layer into probabilities of words: needed to measure perplexity, not to make vectors.</summary>
/// <param name="Vocabulary">V words.</param>
/// <param name="Weight">(V, P), shared by both directions.</param>
/// <param name="Bias">(V).</param>
internal sealed record ElmoLanguageModel(TokenVocabulary Vocabulary, float[] Weight, float[] Bias)
{
    public void Write(ModelWriter writer)
    {
        Vocabulary.Write(writer, "vocabulary");
        writer.Write<float>("softmax.weight", Weight, Vocabulary.Count, Weight.Length / Vocabulary.Count);
        writer.Write<float>("softmax.bias", Bias, Bias.Length);
    }

    /// <exception cref="FormatException">The blocks are missing or of other shapes.</exception>
    public static ElmoLanguageModel Read(ModelReader reader, int size)
    {
        TokenVocabulary vocabulary = TokenVocabulary.Read(reader, "vocabulary");
        return new(vocabulary, reader.Read<float>("softmax.weight", vocabulary.Count, size), reader.Read<float>("softmax.bias", vocabulary.Count));
    }
}
