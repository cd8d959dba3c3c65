using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>
/// Sequences of different lengths side by side, each with its padding before it, so that all end with the last step and their final states are those after it.
/// </summary>
internal sealed class RightAlignedBatch
{
    private readonly Tensor _reversal;

    /// <param name="lengths">The lengths, each at least 1.</param>
    /// <param name="directions">D, the directions of the layers that read them.</param>
    /// <param name="device">Where the tensors are needed.</param>
    public RightAlignedBatch(int[] lengths, int directions, Device device)
    {
        int rows = lengths.Length, steps = lengths.Max();
        (Lengths, Steps) = (lengths, steps);
        long[] reversal = new long[steps * rows];
        float[] kept = new float[steps * rows], blocked = new float[rows * steps];
        for (int row = 0; row < rows; row++)
        {
            int padding = steps - lengths[row];
            for (int step = 0; step < steps; step++)
            {
                int place = (step * rows) + row;
                reversal[place] = step < padding ? place : ((steps - 1 + padding - step) * rows) + row;
                kept[place] = step == padding ? 0 : 1;
                blocked[(row * steps) + step] = step < padding ? float.NegativeInfinity : 0;
            }
        }

        _reversal = tensor(reversal).to(device);
        if (lengths.All(length => length == steps))
            return;
        Kept = tensor(kept, [1, steps, rows, 1]).expand(directions, -1, -1, -1).to(device);
        Blocked = tensor(blocked, [rows, 1, steps]).to(device);
    }

    public int[] Lengths { get; }

    /// <summary>T, the length of the longest sequence.</summary>
    public int Steps { get; }

    /// <summary>(D, T, B, 1): 0 where a sequence begins, 1 elsewhere; null if all are of one length. All directions begin at the same step.</summary>
    public Tensor? Kept { get; }

    /// <summary>(B, 1, T): minus infinity on the padding, 0 elsewhere; null if all are of one length.</summary>
    public Tensor? Blocked { get; }

    /// <summary>Where a token stands among T × B.</summary>
    public int Place(int row, int token) => ((Steps - Lengths[row] + token) * Lengths.Length) + row;

    /// <summary>Each sequence in reverse, padding before it again; twice gives what there was.</summary>
    /// <param name="sequences">(T, B, I).</param>
    public Tensor Reverse(Tensor sequences) => sequences.flatten(0, 1).index_select(0, _reversal).view(sequences.shape);
}
