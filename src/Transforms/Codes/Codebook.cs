using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Codes;

/// <summary>Vectors that stand for all others near them; a row is a grid of their numbers.</summary>
/// <param name="Size">K, how many there are.</param>
/// <param name="Dimension">D, the length of each.</param>
/// <param name="Height">Rows of the grid.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Vectors">The vectors, one after the other.</param>
/// <param name="Uses">How often the rows that were trained on use each of them.</param>
[Block("grid")]
internal sealed record Codebook(
    int Size, int Dimension, int Height, int Width,
    [Dimensions(nameof(Size), nameof(Dimension)), Block("codebook")] float[] Vectors,
    [Dimensions(nameof(Size)), Block("uses")] long[] Uses) : IModelRecord
{
    // Distances that are computed at once: what stays in the processor's second cache.
    private const int MostDistances = 1 << 16;

    private readonly Lazy<FusedDense> _distances = new(() => Distances(Vectors, Size, Dimension));

    /// <summary>P, places of the grid.</summary>
    public int Places => Height * Width;

    /// <summary>Values of a grid of vectors: D channels of P places.</summary>
    public int Values => Dimension * Places;

    /// <summary>Which vectors are in use.</summary>
    public CodebookHealth Health => CodebookHealth.Of(Uses);

    /// <summary>The number of the nearest vector for each place of a grid, from 0; of two as near the lower one.</summary>
    /// <param name="grid">D channels of P places.</param>
    /// <param name="nearest">Receives P numbers.</param>
    public void Nearest(ReadOnlySpan<float> grid, Span<uint> nearest)
    {
        FusedDense distances = _distances.Value;
        int places = Places, block = Math.Clamp(MostDistances / distances.OutputStride, 1, places);
        using var vectors = new Scratch(Values);
        using var found = new Scratch(block * distances.OutputStride);
        Transposition.Run(grid, 0, places, Dimension, places, vectors.Span, 0, Dimension);  // (D, P) -> (P, D)
        for (int first = 0; first < places; first += block)
        {
            int count = Math.Min(block, places - first);
            distances.Run(vectors.Span.Slice(first * Dimension, count * Dimension), Dimension, count, found.Span);
            for (int place = 0; place < count; place++)
            {
                ReadOnlySpan<float> own = found.Span.Slice(place * distances.OutputStride, Size);
                nearest[first + place] = (uint)TensorPrimitives.IndexOfMin(own);
            }
        }
    }

    /// <summary>The grid of the vectors of some numbers, from 0.</summary>
    /// <param name="numbers">P numbers.</param>
    /// <param name="grid">Receives D channels of P places.</param>
    public void Look(ReadOnlySpan<uint> numbers, Span<float> grid)
    {
        int places = Places;
        for (int place = 0; place < places; place++)
        {
            ReadOnlySpan<float> vector = Vectors.AsSpan((int)numbers[place] * Dimension, Dimension);
            for (int channel = 0; channel < vector.Length; channel++)
                grid[(channel * places) + place] = vector[channel];
        }
    }

    string? IModelRecord.FindFault() =>
        Size is >= 1 and <= 1 << 20 && Dimension is >= 1 and <= 1 << 16 && Height is >= 1 and <= 1 << 16 && Width is >= 1 and <= 1 << 16
        && (Int128)Dimension * Height * Width <= 1 << 26 && Vectors.All(float.IsFinite) && Uses.All(uses => uses >= 0)
            ? null
            : "Block 'grid' does not fit the codebook, or its vectors are not finite.";

    // |f - e|² = |f|² - 2 f·e + |e|², of which the smallest does not depend on |f|².
    private static FusedDense Distances(float[] vectors, int size, int dimension)
    {
        float[] norms = new float[size], weights = Array.ConvertAll(vectors, value => -2 * value);
        for (int number = 0; number < size; number++)
            norms[number] = TensorPrimitives.SumOfSquares<float>(vectors.AsSpan(number * dimension, dimension));
        return new FusedDense(weights, norms, rectify: false);
    }
}
