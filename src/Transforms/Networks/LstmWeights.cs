namespace MLNet.Papers.Networks;

/// <summary>The weights of one direction of an LSTM layer, matrices as (from, to), the gates in the order input, forget, output, candidate.</summary>
/// <param name="Input">(I, 4C), I being the length of the layer's input and C the size of its cell.</param>
/// <param name="Recurrent">(P, 4C), P being the length of its output.</param>
/// <param name="Bias">(4C).</param>
/// <param name="Projection">(C, P); null where the output is not projected, and C = P.</param>
/// <param name="CellClip">The greatest magnitude of a cell; 0 for no bound.</param>
/// <param name="OutputClip">The greatest magnitude of a projected output; 0 for no bound.</param>
internal sealed record LstmWeights(float[] Input, float[] Recurrent, float[] Bias, float[]? Projection, float CellClip, float OutputClip)
{
    public int CellSize => Bias.Length / 4;

    public int InputSize => Input.Length / Bias.Length;

    public int OutputSize => Recurrent.Length / Bias.Length;

    /// <summary>A direction of a layer whose directions lie one after the other, as <see cref="LstmLayer"/> has them.</summary>
    public static LstmWeights Of(LstmShape shape, NetworkWeights layer, int direction)
    {
        return new(Part("input"), Part("recurrent"), Part("bias"), shape.IsProjected ? Part("projection") : null, (float)shape.CellClip, (float)shape.OutputClip);

        float[] Part(string name)
        {
            int length = layer[name].Length / shape.Directions;
            return layer[name][(direction * length)..((direction + 1) * length)];
        }
    }
}
