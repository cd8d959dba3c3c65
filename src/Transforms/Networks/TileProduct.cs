using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>Products of rows with a matrix that stands in tiles: (tiles, inputs, outputs of a tile), the order in which the kernel reads them.</summary>
/// <remarks>A row's values do not depend on the rows beside it: every sum runs in the order of the inputs.</remarks>
/// <param name="packed">The matrix.</param>
/// <param name="biases">One for each output, padded to whole tiles; empty for zeros.</param>
/// <param name="inputs">Values of a row.</param>
/// <param name="rectify">Whether negative results become 0.</param>
internal readonly ref struct TileProduct(ReadOnlySpan<float> packed, ReadOnlySpan<float> biases, int inputs, bool rectify)
{
    private readonly ref float _packed = ref MemoryMarshal.GetReference(packed);
    private readonly ref float _biases = ref MemoryMarshal.GetReference(biases);
    private readonly bool _hasBiases = !biases.IsEmpty;
    private readonly int _outputs = packed.Length / Math.Max(1, inputs);
    private readonly int _inputs = inputs;
    private readonly bool _rectify = rectify;

    /// <summary>Puts a matrix into tiles.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="outputs">How many outputs there are.</param>
    /// <param name="inputs">How many inputs.</param>
    /// <param name="outputStride">Values from one output to the next.</param>
    /// <param name="inputStride">Values from one input to the next.</param>
    /// <param name="packed">Receives padded outputs × inputs values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<float> matrix, int outputs, int inputs, int outputStride, int inputStride, Span<float> packed)
    {
        int tile = KernelTile.Width;
        for (int first = 0; first < outputs; first += tile)
        {
            int count = Math.Min(tile, outputs - first);
            Span<float> target = packed.Slice(first * inputs, tile * inputs);
            if (outputStride == 1)
            {
                for (int input = 0; input < inputs; input++)
                {
                    matrix.Slice((input * inputStride) + first, count).CopyTo(target[(input * tile)..]);
                    target.Slice((input * tile) + count, tile - count).Clear();
                }

                continue;
            }

            if (count < tile)
                target.Clear();
            for (int output = 0; output < count; output++)
            {
                ReadOnlySpan<float> source = matrix[((first + output) * outputStride)..];
                for (int input = 0; input < inputs; input++)
                    target[(input * tile) + output] = source[input * inputStride];
            }
        }
    }

    /// <summary>Computes rows.</summary>
    /// <param name="input">The rows; the values of one lie side by side.</param>
    /// <param name="inputStride">Values from one row to the next.</param>
    /// <param name="rows">How many rows; at least 1.</param>
    /// <param name="output">Receives the rows.</param>
    /// <param name="outputStride">Values from one row of the output to the next, at least the outputs, padded to whole tiles.</param>
    /// <param name="first">The first output to compute, at the beginning of a tile.</param>
    /// <param name="end">Where to stop, at the end of a tile.</param>
    public void Run(ReadOnlySpan<float> input, int inputStride, int rows, Span<float> output, int outputStride, int first, int end)
    {
        if (input.Length < ((rows - 1L) * inputStride) + _inputs || output.Length < ((rows - 1L) * outputStride) + end || end > _outputs || outputStride < end)
            throw new ArgumentException("A buffer is too small for this product.");
        var operands = new Operands(input, inputStride, output, outputStride);
        if (KernelTile.IsWide)
            Run<Lanes512>(in operands, rows, first, end);
        else
            Run<Lanes256>(in operands, rows, first, end);
    }

    // One or two rows go alone; of more the last one stands in for those that a group is short of.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TLanes>(in Operands operands, int rows, int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        int tile = 2 * TLanes.Count;
        if (rows > 2)
        {
            for (; first < end; first += tile)
            {
                for (int row = 0; row < rows;)
                {
                    int group = GroupOf<TLanes>(rows - row);
                    if (group == 8)
                        Eight<TLanes>(in operands, row, rows - 1, first);
                    else if (group == 6)
                        Six<TLanes>(in operands, row, rows - 1, first);
                    else
                        Four<TLanes>(in operands, row, rows - 1, first);
                    row += group;
                }
            }

            return;
        }

        for (int row = 0; row < rows; row++)
        {
            int next = first;
            for (; next + (4 * tile) <= end; next += 4 * tile)
                WideRow<TLanes>(in operands, row, next);
            for (; next < end; next += tile)
                NarrowRow<TLanes>(in operands, row, next);
        }
    }

    // The rows of the next group, so that of three rows and more at most one is computed twice: eight with the registers for it.
    private static int GroupOf<TLanes>(int rows)
        where TLanes : struct, ILanes<TLanes> => KernelTile.HasManyRegisters<TLanes>()
        ? rows is 7 or 8 or > 10 ? 8 : rows is 5 or 6 or 9 or 10 ? 6 : 4
        : rows is 5 or 6 or > 8 ? 6 : 4;

    // Eight rows, where there are registers for sixteen sums and more: each weight that is loaded serves eight rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Eight<TLanes>(in Operands operands, int row, int last, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count;
        ref float weights = ref Unsafe.Add(ref _packed, (nint)first * _inputs);
        TLanes a0 = Bias<TLanes>(first), a1 = Bias<TLanes>(first + TLanes.Count);
        TLanes b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1, e0 = a0, e1 = a1, f0 = a0, f1 = a1, g0 = a0, g1 = a1, h0 = a0, h1 = a1;
        ref float rowA = ref operands.Row(row), rowB = ref operands.Row(Math.Min(row + 1, last));
        ref float rowC = ref operands.Row(Math.Min(row + 2, last)), rowD = ref operands.Row(Math.Min(row + 3, last));
        ref float rowE = ref operands.Row(Math.Min(row + 4, last)), rowF = ref operands.Row(Math.Min(row + 5, last));
        ref float rowG = ref operands.Row(Math.Min(row + 6, last)), rowH = ref operands.Row(Math.Min(row + 7, last));
        for (nint i = 0; i < _inputs; i++)
        {
            TLanes w0 = TLanes.Load(in weights, 0), w1 = TLanes.Load(in weights, lanes);
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
            weights = ref Unsafe.Add(ref weights, 2 * lanes);
        }

        Store(in operands, row, first, a0, a1);
        Store(in operands, Math.Min(row + 1, last), first, b0, b1);
        Store(in operands, Math.Min(row + 2, last), first, c0, c1);
        Store(in operands, Math.Min(row + 3, last), first, d0, d1);
        Store(in operands, Math.Min(row + 4, last), first, e0, e1);
        Store(in operands, Math.Min(row + 5, last), first, f0, f1);
        Store(in operands, Math.Min(row + 6, last), first, g0, g1);
        Store(in operands, Math.Min(row + 7, last), first, h0, h1);
    }

    // Six rows and a tile of outputs: twelve sums hide the latency of a multiply-add, and each weight that is loaded serves six rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Six<TLanes>(in Operands operands, int row, int last, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count;
        ref float weights = ref Unsafe.Add(ref _packed, (nint)first * _inputs);
        TLanes a0 = Bias<TLanes>(first), a1 = Bias<TLanes>(first + TLanes.Count);
        TLanes b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1, e0 = a0, e1 = a1, f0 = a0, f1 = a1;
        ref float rowA = ref operands.Row(row), rowB = ref operands.Row(Math.Min(row + 1, last));
        ref float rowC = ref operands.Row(Math.Min(row + 2, last)), rowD = ref operands.Row(Math.Min(row + 3, last));
        ref float rowE = ref operands.Row(Math.Min(row + 4, last)), rowF = ref operands.Row(Math.Min(row + 5, last));
        for (nint i = 0; i < _inputs; i++)
        {
            TLanes w0 = TLanes.Load(in weights, 0), w1 = TLanes.Load(in weights, lanes);
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
            weights = ref Unsafe.Add(ref weights, 2 * lanes);
        }

        Store(in operands, row, first, a0, a1);
        Store(in operands, Math.Min(row + 1, last), first, b0, b1);
        Store(in operands, Math.Min(row + 2, last), first, c0, c1);
        Store(in operands, Math.Min(row + 3, last), first, d0, d1);
        Store(in operands, Math.Min(row + 4, last), first, e0, e1);
        Store(in operands, Math.Min(row + 5, last), first, f0, f1);
    }

    // Four rows: eight sums are just enough for that.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four<TLanes>(in Operands operands, int row, int last, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count;
        ref float weights = ref Unsafe.Add(ref _packed, (nint)first * _inputs);
        TLanes a0 = Bias<TLanes>(first), a1 = Bias<TLanes>(first + TLanes.Count);
        TLanes b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1;
        ref float rowA = ref operands.Row(row), rowB = ref operands.Row(Math.Min(row + 1, last));
        ref float rowC = ref operands.Row(Math.Min(row + 2, last)), rowD = ref operands.Row(Math.Min(row + 3, last));
        for (nint i = 0; i < _inputs; i++)
        {
            TLanes w0 = TLanes.Load(in weights, 0), w1 = TLanes.Load(in weights, lanes);
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
            weights = ref Unsafe.Add(ref weights, 2 * lanes);
        }

        Store(in operands, row, first, a0, a1);
        Store(in operands, Math.Min(row + 1, last), first, b0, b1);
        Store(in operands, Math.Min(row + 2, last), first, c0, c1);
        Store(in operands, Math.Min(row + 3, last), first, d0, d1);
    }

    // One row and four tiles of outputs: as many sums as one row needs to hide the latency.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WideRow<TLanes>(in Operands operands, int row, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count, tile = 2 * lanes, next = tile * (nuint)_inputs;
        ref float weights = ref Unsafe.Add(ref _packed, (nint)first * _inputs), input = ref operands.Row(row);
        int width = TLanes.Count;
        TLanes a0 = Bias<TLanes>(first), a1 = Bias<TLanes>(first + width), b0 = Bias<TLanes>(first + (2 * width)), b1 = Bias<TLanes>(first + (3 * width));
        TLanes c0 = Bias<TLanes>(first + (4 * width)), c1 = Bias<TLanes>(first + (5 * width));
        TLanes d0 = Bias<TLanes>(first + (6 * width)), d1 = Bias<TLanes>(first + (7 * width));
        for (nint i = 0; i < _inputs; i++)
        {
            TLanes value = TLanes.Broadcast(Unsafe.Add(ref input, i));
            a0 = TLanes.MultiplyAdd(TLanes.Load(in weights, 0), value, a0);
            a1 = TLanes.MultiplyAdd(TLanes.Load(in weights, lanes), value, a1);
            b0 = TLanes.MultiplyAdd(TLanes.Load(in weights, next), value, b0);
            b1 = TLanes.MultiplyAdd(TLanes.Load(in weights, next + lanes), value, b1);
            c0 = TLanes.MultiplyAdd(TLanes.Load(in weights, 2 * next), value, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Load(in weights, (2 * next) + lanes), value, c1);
            d0 = TLanes.MultiplyAdd(TLanes.Load(in weights, 3 * next), value, d0);
            d1 = TLanes.MultiplyAdd(TLanes.Load(in weights, (3 * next) + lanes), value, d1);
            weights = ref Unsafe.Add(ref weights, tile);
        }

        Store(in operands, row, first, a0, a1);
        Store(in operands, row, first + (2 * width), b0, b1);
        Store(in operands, row, first + (4 * width), c0, c1);
        Store(in operands, row, first + (6 * width), d0, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NarrowRow<TLanes>(in Operands operands, int row, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count;
        ref float weights = ref Unsafe.Add(ref _packed, (nint)first * _inputs), input = ref operands.Row(row);
        TLanes a0 = Bias<TLanes>(first), a1 = Bias<TLanes>(first + TLanes.Count);
        for (nint i = 0; i < _inputs; i++)
        {
            TLanes value = TLanes.Broadcast(Unsafe.Add(ref input, i));
            a0 = TLanes.MultiplyAdd(TLanes.Load(in weights, 0), value, a0);
            a1 = TLanes.MultiplyAdd(TLanes.Load(in weights, lanes), value, a1);
            weights = ref Unsafe.Add(ref weights, 2 * lanes);
        }

        Store(in operands, row, first, a0, a1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TLanes Bias<TLanes>(int output)
        where TLanes : struct, ILanes<TLanes> => _hasBiases ? TLanes.Load(in _biases, (nuint)output) : TLanes.Broadcast(0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store<TLanes>(in Operands operands, int row, int first, TLanes low, TLanes high)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float target = ref operands.Target(row, first);
        TLanes zero = TLanes.Broadcast(0);
        (_rectify ? TLanes.Max(low, zero) : low).Store(ref target, 0);
        (_rectify ? TLanes.Max(high, zero) : high).Store(ref target, (nuint)TLanes.Count);
    }

    private readonly ref struct Operands(ReadOnlySpan<float> input, int inputStride, Span<float> output, int outputStride)
    {
        private readonly ref float _input = ref MemoryMarshal.GetReference(input);
        private readonly ref float _output = ref MemoryMarshal.GetReference(output);
        private readonly nint _inputStride = inputStride;
        private readonly nint _outputStride = outputStride;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref float Row(int row) => ref Unsafe.Add(ref _input, row * _inputStride);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref float Target(int row, int first) => ref Unsafe.Add(ref _output, (row * _outputStride) + first);
    }
}
