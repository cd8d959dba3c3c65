namespace MLNet.Papers.CoVe;

/// <summary>What the encoder gives for a sentence of N tokens.</summary>
/// <param name="Tokens">The tokens; at least one.</param>
/// <param name="WordVectors">N × E.</param>
/// <param name="Layers">Of each layer N × 2H, forward and backward.</param>
/// <param name="Cells">Of each layer the 2H cells after the last step of each direction.</param>
internal sealed record EncodedSentence(string[] Tokens, float[] WordVectors, float[][] Layers, float[][] Cells)
{
    /// <summary>A token's vector in a layer.</summary>
    public ReadOnlySpan<float> Token(int layer, int token)
    {
        int size = Layers[layer].Length / Tokens.Length;
        return Layers[layer].AsSpan(token * size, size);
    }

    /// <summary>The outputs of a layer after the last step of each direction: forward at the last token, backward at the first.</summary>
    public void CopyFinal(int layer, Span<float> hidden)
    {
        int half = hidden.Length / 2;
        Token(layer, Tokens.Length - 1)[..half].CopyTo(hidden);
        Token(layer, 0)[half..].CopyTo(hidden[half..]);
    }
}
