using System.Numerics;
using System.Runtime.CompilerServices;

namespace MLNet.Papers.FastText;

/// <summary>
/// Finds the rows of the buckets that pruning left. How they are scattered over the table differs from table to table, so that no file can make them collide.
/// </summary>
internal sealed class PrunedBuckets
{
    private readonly Cell[] _cells;
    private readonly uint _factor = (uint)Random.Shared.NextInt64(1L << 32) | 1;
    private readonly int _shift;

    /// <param name="pairs">The buckets, each of them once.</param>
    public PrunedBuckets(IReadOnlyList<PrunedBucket> pairs)
    {
        int bits = 1 + BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(pairs.Count, 1)));
        _shift = 32 - bits;
        _cells = new Cell[1L << bits];
        foreach (PrunedBucket pair in pairs)
        {
            uint place = Place(pair.Bucket);
            while (_cells[place].Row != 0)
                place = Next(place);
            _cells[place] = new Cell(pair.Bucket, pair.Row + 1);
        }
    }

    /// <summary>The row of a bucket, counted from the row after the last word's, or -1 if pruning dropped it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(int bucket)
    {
        for (uint place = Place(bucket); ; place = Next(place))
        {
            Cell cell = _cells[place];
            if (cell.Row == 0 || cell.Bucket == bucket)
                return cell.Row - 1;
        }
    }

    private uint Place(int bucket) => unchecked((uint)bucket * _factor) >> _shift;

    private uint Next(uint place) => (place + 1) & ((uint)_cells.Length - 1);

    /// <summary>A place of the table: a bucket and its row plus 1.</summary>
    private readonly record struct Cell(int Bucket, int Row);
}
