using System.Buffers;

namespace MLNet.Papers.Elmo;

/// <summary>What the network gives for one sentence of N tokens: for each layer and direction a vector of P values at each of N + 1 steps, that of the mark included.</summary>
/// <remarks>Forward, step 0 is the mark before the sentence; backward, the mark behind it. Layer 0 is the context-free vector.</remarks>
internal sealed class SentenceLayers(ElmoArchitecture architecture, int tokens, Memory<float> memory)
{
    private readonly int _size = architecture.ProjectionSize;

    /// <summary>Gives the layers of sentences to a function, in memory that is used again afterwards.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="sentences">The sentences.</param>
    /// <param name="use">Fills and reads them.</param>
    public static void Of(ElmoArchitecture architecture, string[][] sentences, Action<SentenceLayers[]> use)
    {
        int stepSize = (architecture.Layers + 1) * ElmoArchitecture.Directions * architecture.ProjectionSize;
        float[] memory = ArrayPool<float>.Shared.Rent(checked(sentences.Sum(sentence => sentence.Length + 1) * stepSize));
        var layers = new SentenceLayers[sentences.Length];
        int start = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            int length = (sentences[i].Length + 1) * stepSize;
            layers[i] = new SentenceLayers(architecture, sentences[i].Length, memory.AsMemory(start, length));
            start += length;
        }

        try
        {
            use(layers);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(memory);
        }
    }

    /// <summary>N.</summary>
    public int Tokens => tokens;

    /// <summary>The vector of a layer and direction at a step.</summary>
    public Span<float> Step(int layer, int direction, int step) =>
        memory.Span.Slice(((((layer * ElmoArchitecture.Directions) + direction) * (tokens + 1)) + step) * _size, _size);

    /// <summary>All steps of a layer and direction.</summary>
    public Span<float> Steps(int layer, int direction) =>
        memory.Span.Slice(((layer * ElmoArchitecture.Directions) + direction) * (tokens + 1) * _size, (tokens + 1) * _size);

    /// <summary>h_kj = [forward; backward], both of which have read the token (equation 1).</summary>
    /// <param name="layer">j.</param>
    /// <param name="token">k, from 0.</param>
    /// <param name="vector">Room for 2P values.</param>
    public void CopyToken(int layer, int token, Span<float> vector)
    {
        Step(layer, 0, token + 1).CopyTo(vector);
        Step(layer, 1, tokens - token).CopyTo(vector[_size..]);
    }
}
