using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>One head of attention over a sequence whose places are rows: softmax(Q K^T) V, the queries scaled before.</summary>
/// <remarks>The values of a sequence depend on nothing else.</remarks>
internal static class RowAttention
{
    // Queries at a time, so that their scores stay in the cache.
    private const int Block = 48;

    /// <summary>Values that are needed while a head is computed.</summary>
    /// <param name="places">T.</param>
    /// <param name="size">d.</param>
    public static long WorkingValues(long places, int size) =>
        ((Pad(places) + Block) * size) + ((places + Block) * KernelTile.Pad(size)) + (Math.Min(Block, places) * Pad(places));

    /// <summary>Computes a head.</summary>
    /// <param name="parts">Queries, keys and values, T rows.</param>
    /// <param name="stride">Values from one row to the next.</param>
    /// <param name="query">Where the queries stand in a row.</param>
    /// <param name="key">Where the keys stand.</param>
    /// <param name="value">Where the values stand.</param>
    /// <param name="places">T.</param>
    /// <param name="queries">How many places, from the first on, are computed.</param>
    /// <param name="size">d.</param>
    /// <param name="mixed">Receives d values for each of them.</param>
    /// <param name="mixedStride">Values from one of its rows to the next.</param>
    /// <param name="working">Room for <see cref="WorkingValues"/>.</param>
    public static void Run(
        ReadOnlySpan<float> parts, int stride, int query, int key, int value, int places, int queries, int size, Span<float> mixed, int mixedStride,
        Span<float> working)
    {
        int padded = (int)Pad(places), width = KernelTile.Pad(size), block = Math.Min(Block, queries);
        Span<float> keys = Take(ref working, padded * size), values = Take(ref working, places * width);
        Span<float> scores = Take(ref working, block * padded), mix = Take(ref working, block * width);
        TileProduct.Pack(parts[key..], places, size, outputStride: stride, inputStride: 1, keys);
        TileProduct.Pack(parts[value..], size, places, outputStride: 1, inputStride: stride, values);
        TileProduct scoring = new(keys, [], size, rectify: false), mixing = new(values, [], places, rectify: false);
        Span<float> shares = stackalloc float[Block];
        for (int first = 0; first < queries; first += block)
        {
            int rows = Math.Min(block, queries - first);
            scoring.Run(parts[((first * stride) + query)..], stride, rows, scores, padded, 0, padded);
            for (int row = 0; row < rows; row++)
            {
                Span<float> own = scores.Slice(row * padded, padded);
                own[places..].Fill(float.NegativeInfinity);
                shares[row] = 1 / (KernelTile.IsWide ? Exponentials<Lanes512>(own) : Exponentials<Lanes256>(own));
            }

            mixing.Run(scores, padded, rows, mix, width, 0, width);
            for (int row = 0; row < rows; row++)
                TensorPrimitives.Multiply(mix.Slice(row * width, size), shares[row], mixed.Slice((first + row) * mixedStride, size));
        }

        static Span<float> Take(ref Span<float> room, int count)
        {
            Span<float> taken = room[..count];
            room = room[count..];
            return taken;
        }
    }

    private static long Pad(long places) => (places + KernelTile.Width - 1) / KernelTile.Width * KernelTile.Width;

    // Replaces scores by their powers of e, up to a common factor, and gives the sum of these.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentials<TLanes>(Span<float> scores)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float values = ref MemoryMarshal.GetReference(scores);
        TLanes greatest = TLanes.Load(in values, 0), sum = TLanes.Broadcast(0);
        for (int i = TLanes.Count; i < scores.Length; i += TLanes.Count)
            greatest = TLanes.Max(greatest, TLanes.Load(in values, (nuint)i));
        greatest = TLanes.Broadcast(TLanes.Greatest(greatest));
        for (int i = 0; i < scores.Length; i += TLanes.Count)
        {
            TLanes power = FastExponential.Of(TLanes.Load(in values, (nuint)i) - greatest);
            power.Store(ref values, (nuint)i);
            sum += power;
        }

        return TLanes.Sum(sum);
    }
}
