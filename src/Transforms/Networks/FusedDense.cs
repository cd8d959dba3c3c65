using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>A linear layer and the rectifier after it in one pass, for any number of rows on the calling thread.</summary>
/// <remarks>A row's values do not depend on the rows beside it: every sum runs in the order of the inputs.</remarks>
internal sealed class FusedDense
{
    private const int GroupRows = 6;
    private const int LargeGroupRows = 8;

    // Where the padding of few units to a register would take more memory than this, each unit is a product of its own.
    private const long MostPadding = 1 << 23;

    private readonly int _inputs;
    private readonly bool _rectify;
    private readonly float[] _weights;
    private readonly float[] _biases;
    private readonly bool _isPadded;

    /// <param name="weights">(U, inputs), U being the number of units.</param>
    /// <param name="biases">U values.</param>
    /// <param name="rectify">Whether negative results become 0.</param>
    public FusedDense(float[] weights, float[] biases, bool rectify)
    {
        int units = Units = biases.Length, tile = KernelTile.Width;
        _inputs = weights.Length / units;
        _rectify = rectify;
        _isPadded = IsPadded(_inputs, units);
        if (!_isPadded)
        {
            (OutputStride, _weights, _biases) = (units, weights, biases);
            return;
        }

        OutputStride = KernelTile.Pad(units);
        _biases = new float[OutputStride];
        biases.CopyTo(_biases, 0);

        // (tiles, inputs, units of a tile): the order in which the kernel reads them.
        _weights = new float[checked(OutputStride * _inputs)];
        for (int unit = 0; unit < units; unit++)
        {
            for (int input = 0; input < _inputs; input++)
                _weights[(((unit / tile * _inputs) + input) * tile) + (unit % tile)] = weights[(unit * _inputs) + input];
        }
    }

    /// <summary>A linear layer whose weights stand as (inputs, U).</summary>
    /// <param name="weights">(inputs, U).</param>
    /// <param name="biases">U values.</param>
    public static FusedDense OfColumns(ReadOnlySpan<float> weights, float[] biases)
    {
        int units = biases.Length, inputs = weights.Length / units;
        float[] transposed = new float[weights.Length];
        for (int input = 0; input < inputs; input++)
        {
            for (int unit = 0; unit < units; unit++)
                transposed[(unit * inputs) + input] = weights[(input * units) + unit];
        }

        return new FusedDense(transposed, biases, rectify: false);
    }

    /// <summary>How many numbers a row becomes.</summary>
    public int Units { get; }

    /// <summary>Additions for a row.</summary>
    public long Work => (_inputs + 1L) * Units;

    /// <summary>Values from one row of the output to the next: the units, padded to whole registers.</summary>
    public int OutputStride { get; }

    /// <summary>Values that the padding adds to the weights.</summary>
    public static long PaddingValues(long inputs, int units) => IsPadded(inputs, units) ? (KernelTile.Pad(units) - units) * inputs : 0;

    /// <summary>Computes some rows.</summary>
    /// <param name="input">The rows; the values of one lie side by side.</param>
    /// <param name="inputStride">Values from one row to the next.</param>
    /// <param name="rows">How many rows; at least 1.</param>
    /// <param name="output">Room for rows × <see cref="OutputStride"/> values.</param>
    public void Run(ReadOnlySpan<float> input, int inputStride, int rows, Span<float> output)
    {
        if (input.Length < ((rows - 1L) * inputStride) + _inputs || output.Length < (long)rows * OutputStride)
            throw new ArgumentException("A buffer is too small for this layer.");
        if (!_isPadded)
            RunUnits(input, inputStride, rows, output);
        else if (KernelTile.IsWide)
            Run<Lanes512>(in MemoryMarshal.GetReference(input), inputStride, rows, ref MemoryMarshal.GetReference(output));
        else
            Run<Lanes256>(in MemoryMarshal.GetReference(input), inputStride, rows, ref MemoryMarshal.GetReference(output));
    }

    private static bool IsPadded(long inputs, int units) => units > KernelTile.Width / 4 || (KernelTile.Pad(units) - units) * inputs <= MostPadding;

    private void RunUnits(ReadOnlySpan<float> input, int inputStride, int rows, Span<float> output)
    {
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> values = input.Slice(row * inputStride, _inputs);
            for (int unit = 0; unit < OutputStride; unit++)
            {
                float sum = TensorPrimitives.Dot(values, _weights.AsSpan(unit * _inputs, _inputs)) + _biases[unit];
                output[(row * OutputStride) + unit] = _rectify ? Math.Max(sum, 0) : sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TLanes>(ref readonly float input, int inputStride, int rows, ref float output)
        where TLanes : struct, ILanes<TLanes>
    {
        // One or two rows that are left go alone; of more the last one stands in for those that six would have.
        int tile = 2 * TLanes.Count, large = KernelTile.HasManyRegisters<TLanes>() ? rows / LargeGroupRows * LargeGroupRows : 0;
        int grouped = large + ((rows - large + 3) / GroupRows * GroupRows);
        for (int first = 0; first < OutputStride; first += tile)
        {
            for (int row = 0; row < large; row += LargeGroupRows)
                ManyRows<TLanes>(in input, inputStride, row, ref output, first);
            for (int row = large; row < grouped; row += GroupRows)
                Rows<TLanes>(in input, inputStride, row, rows - 1, ref output, first);
        }

        for (int row = grouped; row < rows; row++)
        {
            int first = 0;
            for (; first + (4 * tile) <= OutputStride; first += 4 * tile)
                WideRow<TLanes>(ref Row(in input, row, inputStride), ref output, row, first);
            for (; first < OutputStride; first += tile)
                NarrowRow<TLanes>(ref Row(in input, row, inputStride), ref output, row, first);
        }
    }

    // Eight rows, where there are registers for sixteen sums and more: each weight that is loaded serves eight rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ManyRows<TLanes>(ref readonly float input, int inputStride, int row, ref float output, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count, weight = (nuint)(first * _inputs);
        ref readonly float weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref readonly float biases = ref MemoryMarshal.GetArrayDataReference(_biases);
        TLanes a0 = TLanes.Load(in biases, (nuint)first), a1 = TLanes.Load(in biases, (nuint)first + lanes);
        TLanes b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1, e0 = a0, e1 = a1, f0 = a0, f1 = a1, g0 = a0, g1 = a1, h0 = a0, h1 = a1;
        ref float rowA = ref Row(in input, row, inputStride), rowB = ref Row(in input, row + 1, inputStride), rowC = ref Row(in input, row + 2, inputStride);
        ref float rowD = ref Row(in input, row + 3, inputStride),
            rowE = ref Row(in input, row + 4, inputStride),
            rowF = ref Row(in input, row + 5, inputStride);
        ref float rowG = ref Row(in input, row + 6, inputStride), rowH = ref Row(in input, row + 7, inputStride);
        for (nuint i = 0; i < (nuint)_inputs; i++)
        {
            TLanes w0 = TLanes.Load(in weights, weight), w1 = TLanes.Load(in weights, weight + lanes);
            TLanes value;
            value = TLanes.Broadcast(Unsafe.Add(ref rowA, i));
            a0 = TLanes.MultiplyAdd(w0, value, a0);
            a1 = TLanes.MultiplyAdd(w1, value, a1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowB, i));
            b0 = TLanes.MultiplyAdd(w0, value, b0);
            b1 = TLanes.MultiplyAdd(w1, value, b1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowC, i));
            c0 = TLanes.MultiplyAdd(w0, value, c0);
            c1 = TLanes.MultiplyAdd(w1, value, c1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowD, i));
            d0 = TLanes.MultiplyAdd(w0, value, d0);
            d1 = TLanes.MultiplyAdd(w1, value, d1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowE, i));
            e0 = TLanes.MultiplyAdd(w0, value, e0);
            e1 = TLanes.MultiplyAdd(w1, value, e1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowF, i));
            f0 = TLanes.MultiplyAdd(w0, value, f0);
            f1 = TLanes.MultiplyAdd(w1, value, f1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowG, i));
            g0 = TLanes.MultiplyAdd(w0, value, g0);
            g1 = TLanes.MultiplyAdd(w1, value, g1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowH, i));
            h0 = TLanes.MultiplyAdd(w0, value, h0);
            h1 = TLanes.MultiplyAdd(w1, value, h1);
            weight += 2 * lanes;
        }

        Store(ref output, row, first, a0, a1);
        Store(ref output, row + 1, first, b0, b1);
        Store(ref output, row + 2, first, c0, c1);
        Store(ref output, row + 3, first, d0, d1);
        Store(ref output, row + 4, first, e0, e1);
        Store(ref output, row + 5, first, f0, f1);
        Store(ref output, row + 6, first, g0, g1);
        Store(ref output, row + 7, first, h0, h1);
    }

    // Six rows and a tile of outputs: twelve sums hide the latency of a multiply-add, and each weight that is loaded serves six rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows<TLanes>(ref readonly float input, int inputStride, int row, int last, ref float output, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        int b = Math.Min(row + 1, last), c = Math.Min(row + 2, last), d = Math.Min(row + 3, last), e = Math.Min(row + 4, last), f = Math.Min(row + 5, last);
        nuint lanes = (nuint)TLanes.Count, weight = (nuint)(first * _inputs);
        ref readonly float weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref readonly float biases = ref MemoryMarshal.GetArrayDataReference(_biases);
        TLanes a0 = TLanes.Load(in biases, (nuint)first), a1 = TLanes.Load(in biases, (nuint)first + lanes);
        TLanes b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1, e0 = a0, e1 = a1, f0 = a0, f1 = a1;
        ref float rowA = ref Row(in input, row, inputStride), rowB = ref Row(in input, b, inputStride), rowC = ref Row(in input, c, inputStride);
        ref float rowD = ref Row(in input, d, inputStride), rowE = ref Row(in input, e, inputStride), rowF = ref Row(in input, f, inputStride);
        for (nuint i = 0; i < (nuint)_inputs; i++)
        {
            TLanes w0 = TLanes.Load(in weights, weight), w1 = TLanes.Load(in weights, weight + lanes);
            TLanes value;
            value = TLanes.Broadcast(Unsafe.Add(ref rowA, i));
            a0 = TLanes.MultiplyAdd(w0, value, a0);
            a1 = TLanes.MultiplyAdd(w1, value, a1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowB, i));
            b0 = TLanes.MultiplyAdd(w0, value, b0);
            b1 = TLanes.MultiplyAdd(w1, value, b1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowC, i));
            c0 = TLanes.MultiplyAdd(w0, value, c0);
            c1 = TLanes.MultiplyAdd(w1, value, c1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowD, i));
            d0 = TLanes.MultiplyAdd(w0, value, d0);
            d1 = TLanes.MultiplyAdd(w1, value, d1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowE, i));
            e0 = TLanes.MultiplyAdd(w0, value, e0);
            e1 = TLanes.MultiplyAdd(w1, value, e1);
            value = TLanes.Broadcast(Unsafe.Add(ref rowF, i));
            f0 = TLanes.MultiplyAdd(w0, value, f0);
            f1 = TLanes.MultiplyAdd(w1, value, f1);
            weight += 2 * lanes;
        }

        Store(ref output, row, first, a0, a1);
        Store(ref output, b, first, b0, b1);
        Store(ref output, c, first, c0, c1);
        Store(ref output, d, first, d0, d1);
        Store(ref output, e, first, e0, e1);
        Store(ref output, f, first, f0, f1);
    }

    // One row and four tiles of outputs: as many sums as one row needs to hide the latency.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WideRow<TLanes>(ref float input, ref float output, int row, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count, tile = 2 * lanes, next = tile * (nuint)_inputs, weight = (nuint)(first * _inputs);
        ref readonly float weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref readonly float biases = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_biases), first);
        TLanes a0 = TLanes.Load(in biases, 0), a1 = TLanes.Load(in biases, lanes), b0 = TLanes.Load(in biases, tile), b1 = TLanes.Load(in biases, tile + lanes);
        TLanes c0 = TLanes.Load(in biases, 2 * tile),
            c1 = TLanes.Load(in biases, (2 * tile) + lanes),
            d0 = TLanes.Load(in biases, 3 * tile),
            d1 = TLanes.Load(in biases, (3 * tile) + lanes);
        for (nuint i = 0; i < (nuint)_inputs; i++)
        {
            TLanes value = TLanes.Broadcast(Unsafe.Add(ref input, i));
            a0 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight), value, a0);
            a1 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + lanes), value, a1);
            b0 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + next), value, b0);
            b1 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + next + lanes), value, b1);
            c0 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + (2 * next)), value, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + (2 * next) + lanes), value, c1);
            d0 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + (3 * next)), value, d0);
            d1 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + (3 * next) + lanes), value, d1);
            weight += tile;
        }

        Store(ref output, row, first, a0, a1);
        Store(ref output, row, first + (int)tile, b0, b1);
        Store(ref output, row, first + (2 * (int)tile), c0, c1);
        Store(ref output, row, first + (3 * (int)tile), d0, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NarrowRow<TLanes>(ref float input, ref float output, int row, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count, weight = (nuint)(first * _inputs);
        ref readonly float weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref readonly float biases = ref MemoryMarshal.GetArrayDataReference(_biases);
        TLanes a0 = TLanes.Load(in biases, (nuint)first), a1 = TLanes.Load(in biases, (nuint)first + lanes);
        for (nuint i = 0; i < (nuint)_inputs; i++)
        {
            TLanes value = TLanes.Broadcast(Unsafe.Add(ref input, i));
            a0 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight), value, a0);
            a1 = TLanes.MultiplyAdd(TLanes.Load(in weights, weight + lanes), value, a1);
            weight += 2 * lanes;
        }

        Store(ref output, row, first, a0, a1);
    }

    private void Store<TLanes>(ref float output, int row, int first, TLanes low, TLanes high)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint target = (nuint)((row * OutputStride) + first);
        TLanes zero = TLanes.Broadcast(0);
        (_rectify ? TLanes.Max(low, zero) : low).Store(ref output, target);
        (_rectify ? TLanes.Max(high, zero) : high).Store(ref output, target + (nuint)TLanes.Count);
    }

    private static ref float Row(ref readonly float input, int row, int stride) => ref Unsafe.Add(ref Unsafe.AsRef(in input), row * stride);
}
