using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers.FastText;

/// <summary>
/// The rows of a model while it is trained: padded with zeros to whole cache lines, in large pages where the system has them. Threads write to it without
/// locks.
/// </summary>
internal sealed class TrainingMatrix
{
    private const int CacheLine = 64 / sizeof(float);

    private readonly float[] _values;
    private readonly int _start;
    private readonly int _stride;

    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many values in a row.</param>
    /// <exception cref="InvalidOperationException">There are more values than an array can hold.</exception>
    public TrainingMatrix(long rows, int columns)
    {
        Columns = columns;
        _stride = (columns + CacheLine - 1) / CacheLine * CacheLine;
        long length = (rows * _stride) + CacheLine;
        if (length > Array.MaxLength)
            throw TooLarge(rows, columns);
        Rows = (int)rows;
        _values = LargeArray.Pinned<float>(length);
        // The array is pinned, so that this stays true.
        nint misplaced = Marshal.UnsafeAddrOfPinnedArrayElement(_values, 0) % (CacheLine * sizeof(float));
        _start = (int)((((CacheLine * sizeof(float)) - misplaced) / sizeof(float)) % CacheLine);
    }

    /// <summary>Checks that the vectors of a model fit into memory, before it is taken.</summary>
    /// <param name="words">Rows of words.</param>
    /// <param name="buckets">Rows of n-grams.</param>
    /// <param name="predicted">Rows of what is predicted.</param>
    /// <param name="threads">Rows of zeros behind them, one a thread.</param>
    /// <param name="columns">How many values in a row.</param>
    /// <param name="copies">How often they are held: twice where the best ones are kept.</param>
    /// <exception cref="InvalidOperationException">They do not, or have more values than an array can hold.</exception>
    public static void Require(long words, long buckets, long predicted, long threads, int columns, int copies = 1)
    {
        long inputs = words + buckets, outputs = predicted + threads;
        double stride = (columns + CacheLine - 1) / CacheLine * CacheLine;
        if ((Math.Max(inputs, outputs) * stride) + CacheLine > Array.MaxLength)
            throw TooLarge(Math.Max(inputs, outputs), columns);
        TrainingMemory.Require(
            FormattableString.Invariant($"Dimension = {columns}, Buckets = {buckets}, Threads = {threads}"),
            copies * sizeof(float) * (inputs + outputs) * stride,
            FormattableString.Invariant($"the vectors of {words:N0} words, of Buckets, and of {predicted:N0} words or labels to predict"));
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>The values of a row with those that pad it; a whole number of cache lines.</summary>
    public nuint Stride => (nuint)_stride;

    /// <summary>The first value of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float Row(int row) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_values), _start + ((nint)row * _stride));

    /// <summary>The values of a row.</summary>
    public Span<float> Values(int row) => MemoryMarshal.CreateSpan(ref Row(row), Columns);

    /// <summary>All rows with what pads them, one after the other.</summary>
    public Span<float> All => _values.AsSpan(_start, Rows * _stride);

    /// <summary>Has the processor fetch a row that will be needed soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int row) => CacheLines.Prefetch(ref Row(row), _stride);

    /// <summary>Fills the first rows with uniform numbers.</summary>
    public void Randomize(int rows, float bound, ref SplitMix random, Action? check = null)
    {
        var polling = new Polling(check);
        for (int row = 0; row < rows; row++)
        {
            polling.Turn();
            foreach (ref float value in Values(row))
                value = ((2 * random.NextSingle()) - 1) * bound;
        }
    }

    /// <summary>A copy of a matrix, to be trained further.</summary>
    public static TrainingMatrix Of(DenseMatrix matrix, int padding = 0, Action? check = null)
    {
        var copy = new TrainingMatrix((long)matrix.Rows + padding, matrix.Columns);
        var polling = new Polling(check);
        for (int row = 0; row < matrix.Rows; row++)
        {
            polling.Turn();
            matrix.Row(row).CopyTo(copy.Values(row));
        }

        return copy;
    }

    /// <summary>Ends the training: the first rows without padding, in the same memory. This object is of no use afterwards.</summary>
    public DenseMatrix ToDense(int rows, Action? check = null)
    {
        var polling = new Polling(check);
        for (int row = 0; row < rows; row++)
        {
            polling.Turn();
            Values(row).CopyTo(_values.AsSpan(row * Columns));
        }

        return new DenseMatrix(_values, rows, Columns);
    }

    private static InvalidOperationException TooLarge(long rows, int columns) => new(
        FormattableString.Invariant($"A model of {rows} rows (words and Buckets, or outputs and Threads) of {columns} values (Dimension) is too large: ") +
        "lower Buckets, Threads or Dimension, or raise MinCount.");
}
