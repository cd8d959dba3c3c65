using System.Numerics.Tensors;
using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>A stack of one direction that is run step by step on a CPU. Immutable; a sequence's values do not depend on the sequences beside it.</summary>
/// <param name="stack">The stack.</param>
/// <param name="weight">Its weights.</param>
internal sealed class StackStepper(RecurrentStack stack, WeightOf<float[]> weight)
{
    private readonly RecurrentKernel[] _layers = [.. stack.Kernels(weight).Select(directions => directions.Single())];

    /// <summary>Takes one step.</summary>
    /// <param name="input">What the first layer reads, side by side for each sequence.</param>
    /// <param name="state">The states before it, which are replaced.</param>
    /// <param name="output">Receives P values for each sequence.</param>
    public void Step(ReadOnlySpan<float> input, StackState state, Span<float> output)
    {
        int size = stack.OutputSize;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            float[] hidden = state.Hidden[layer];
            _layers[layer].Step(state.Sequences, layer == 0 ? input : output, hidden, state.Cells[layer]);
            for (int row = 0; row < state.Sequences; row++)
            {
                Span<float> own = hidden.AsSpan(row * _layers[layer].HiddenStride, size), target = output.Slice(row * size, size);
                if (stack.SkipConnections && layer > 0)
                    TensorPrimitives.Add(own, target, target);
                else
                    own.CopyTo(target);
            }
        }
    }

    /// <summary>The state before the first step: zeros.</summary>
    public StackState ZeroState(int sequences) => new(
        sequences,
        Array.ConvertAll(_layers, layer => new float[sequences * layer.HiddenStride]),
        Array.ConvertAll(_layers, layer => new float[sequences * layer.Units]));
}

/// <summary>The states of a stack's layers on a CPU, those of all sequences side by side.</summary>
/// <param name="Sequences">How many sequences there are.</param>
/// <param name="Hidden">What each layer put out.</param>
/// <param name="Cells">The cells of each layer.</param>
internal sealed record StackState(int Sequences, float[][] Hidden, float[][] Cells)
{
    /// <summary>The states of some of the sequences, in memory of their own.</summary>
    public StackState Of(int[] sequences) => new(
        sequences.Length,
        Array.ConvertAll(Hidden, hidden => Rows(hidden, Sequences, sequences)),
        Array.ConvertAll(Cells, cells => Rows(cells, Sequences, sequences)));

    /// <summary>Some rows of a matrix.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="count">How many rows it has.</param>
    /// <param name="chosen">Their numbers, from 0.</param>
    public static float[] Rows(float[] matrix, int count, int[] chosen)
    {
        int size = matrix.Length / count;
        float[] rows = new float[chosen.Length * size];
        for (int row = 0; row < chosen.Length; row++)
            matrix.AsSpan(chosen[row] * size, size).CopyTo(rows.AsSpan(row * size));
        return rows;
    }
}
