using MLNet.Papers.Networks;

namespace MLNet.Papers.CoVe;

/// <summary>What the encoder gives for a sentence of N tokens.</summary>
/// <param name="Tokens">The tokens; at least one.</param>
/// <param name="Layers">The vectors of their words, and what each layer says of them.</param>
internal sealed record EncodedSentence(string[] Tokens, SequenceLayers Layers)
{
    /// <summary>A token's word vector, E values.</summary>
    public ReadOnlySpan<float> WordVector(int token) => Layers.Step(0, 0, token);

    /// <summary>A token's vector in a layer: 2H values, forward and backward.</summary>
    public void CopyToken(int layer, int token, Span<float> vector) => Layers.CopyToken(layer + 1, token, marks: 0, vector);

    /// <summary>What a layer put out in the last step of each direction, and its cells then: 2H values each, forward and backward.</summary>
    public void CopyFinal(int layer, Span<float> hidden, Span<float> cells)
    {
        int half = hidden.Length / EncoderArchitecture.Directions;
        for (int direction = 0; direction < EncoderArchitecture.Directions; direction++)
        {
            Layers.Step(layer + 1, direction, Layers.Steps - 1).CopyTo(hidden[(direction * half)..]);
            Layers.Cells(layer, direction).CopyTo(cells[(direction * half)..]);
        }
    }
}
