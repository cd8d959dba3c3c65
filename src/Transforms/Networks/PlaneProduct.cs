using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>Weighted sums of planes: what a convolution is whose windows are planes that begin elsewhere, and a product of
/// matrices whose rows are planes.</summary>
/// <remarks>
/// The columns of a plane lie in the registers, so that any number of filters and channels keeps them full. A column's values do not depend on the columns
/// beside it: every sum runs in the order of the planes.
/// </remarks>
internal static class PlaneProduct
{
    /// <summary>Filters that the kernel computes at once.</summary>
    public const int Group = 4;

    /// <summary>Columns of a register: the fewest that are computed.</summary>
    public static int Lanes => KernelTile.Width / 2;

    /// <summary>Columns that the kernel computes at once where there are as many.</summary>
    public static int Block => 3 * Lanes;

    /// <summary>So many filters, padded to whole groups.</summary>
    public static long Pad(long filters) => (filters + Group - 1) / Group * Group;

    /// <summary>Biases, padded to whole groups.</summary>
    public static float[] Padded(float[] biases) => [.. biases, .. Enumerable.Repeat(biases[^1], (int)Pad(biases.Length) - biases.Length)];

    /// <summary>Puts weights into the order in which the kernel reads them, (groups, planes, filters of a group). The last filter fills its group: it is
    /// computed and written more than once.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="filters">How many filters there are.</param>
    /// <param name="planes">How many planes there are.</param>
    /// <param name="filterStride">Values from one filter to the next.</param>
    /// <param name="planeStride">Values from one plane to the next.</param>
    /// <param name="factor">What the weights are multiplied by.</param>
    /// <param name="packed">Receives padded filters × planes values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<float> weights, int filters, int planes, int filterStride, int planeStride, float factor, Span<float> packed)
    {
        for (int first = 0; first < filters; first += Group)
        {
            int b = Math.Min(first + 1, filters - 1) - first, c = Math.Min(first + 2, filters - 1) - first, d = Math.Min(first + 3, filters - 1) - first;
            ReadOnlySpan<float> group = weights[(first * filterStride)..];
            Span<float> target = packed.Slice(first * planes, Group * planes);
            for (int plane = 0; plane < planes; plane++)
            {
                int source = plane * planeStride;
                Span<float> four = target.Slice(Group * plane, Group);
                four[0] = group[source] * factor;
                four[1] = group[source + (b * filterStride)] * factor;
                four[2] = group[source + (c * filterStride)] * factor;
                four[3] = group[source + (d * filterStride)] * factor;
            }
        }
    }

    /// <summary>Computes the columns of the filters.</summary>
    /// <param name="packed">The weights.</param>
    /// <param name="biases">One for each filter, padded; empty for zeros.</param>
    /// <param name="planes">The planes. With fewer columns than <see cref="Lanes"/> so many are read all the same.</param>
    /// <param name="offsets">Where each plane begins.</param>
    /// <param name="columns">How many columns are computed.</param>
    /// <param name="filters">How many filters there are.</param>
    /// <param name="output">Receives the columns of each filter. With fewer columns than <see cref="Lanes"/> so many are written all the same.</param>
    /// <param name="outputStride">Values from one filter of the output to the next.</param>
    /// <param name="rectify">Whether negative results become 0.</param>
    public static void Run(
        ReadOnlySpan<float> packed, ReadOnlySpan<float> biases, ReadOnlySpan<float> planes, ReadOnlySpan<int> offsets, int columns, int filters,
        Span<float> output, int outputStride, bool rectify)
    {
        int written = Math.Max(columns, Lanes);
        long groups = Pad(filters) / Group;
        if (columns < 1 || filters < 1 || outputStride < written || output.Length < ((filters - 1L) * outputStride) + written
            || packed.Length < groups * Group * offsets.Length || (!biases.IsEmpty && biases.Length < groups * Group)
            || (!offsets.IsEmpty && planes.Length < (long)TensorPrimitives.Max(offsets) + written))
        {
            throw new ArgumentException("A buffer is too small for this product.");
        }

        var product = new Operands(packed, biases, planes, offsets, columns, filters, output, outputStride, rectify);
        if (KernelTile.IsWide)
            Run<Lanes512>(in product);
        else
            Run<Lanes256>(in product);
    }

    // What is left after the last whole block is computed with columns before it again, so that nothing is read or written beyond them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes>(in Operands product)
        where TLanes : struct, ILanes<TLanes>
    {
        int lanes = TLanes.Count, columns = Math.Max(product.Columns, lanes);
        for (int column = 0; column < columns;)
        {
            int registers = Math.Min((columns - column + lanes - 1) / lanes, 3);
            while (registers * lanes > columns)
                registers--;
            int first = Math.Min(column, columns - (registers * lanes));
            int filter = 0;
            if (registers == 3 && KernelTile.HasManyRegisters<TLanes>())
            {
                for (; filter + Group < product.Filters; filter += 2 * Group)
                    Eight<TLanes>(in product, first, filter);
            }

            for (; filter < product.Filters; filter += Group)
            {
                if (registers == 3)
                    Three<TLanes>(in product, first, filter);
                else if (registers == 2)
                    Two<TLanes>(in product, first, filter);
                else
                    One<TLanes>(in product, first, filter);
            }

            column = first + (registers * lanes);
        }
    }

    // Eight filters and three registers: what thirty-two registers have room for, with half the loads for a sum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TLanes>(in Operands product, int column, int filter)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count;
        TLanes a0 = product.Bias<TLanes>(filter), b0 = product.Bias<TLanes>(filter + 1);
        TLanes c0 = product.Bias<TLanes>(filter + 2), d0 = product.Bias<TLanes>(filter + 3);
        TLanes e0 = product.Bias<TLanes>(filter + 4), f0 = product.Bias<TLanes>(filter + 5);
        TLanes g0 = product.Bias<TLanes>(filter + 6), h0 = product.Bias<TLanes>(filter + 7);
        TLanes a1 = a0, a2 = a0, b1 = b0, b2 = b0, c1 = c0, c2 = c0, d1 = d0, d2 = d0, e1 = e0, e2 = e0, f1 = f0, f2 = f0, g1 = g0, g2 = g0, h1 = h0, h2 = h0;
        ref float weights = ref product.Weights(filter), others = ref product.Weights(filter + Group), planes = ref Unsafe.Add(ref product.Planes, column);
        ref int offsets = ref product.Offsets;
        nint count = product.Count;
        for (nint plane = 0; plane < count; plane++)
        {
            ref float values = ref Unsafe.Add(ref planes, Unsafe.Add(ref offsets, plane));
            TLanes x0 = TLanes.Load(in values, 0), x1 = TLanes.Load(in values, lanes), x2 = TLanes.Load(in values, 2 * lanes);
            TLanes weight = TLanes.Broadcast(weights);
            a0 = TLanes.MultiplyAdd(x0, weight, a0);
            a1 = TLanes.MultiplyAdd(x1, weight, a1);
            a2 = TLanes.MultiplyAdd(x2, weight, a2);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 1));
            b0 = TLanes.MultiplyAdd(x0, weight, b0);
            b1 = TLanes.MultiplyAdd(x1, weight, b1);
            b2 = TLanes.MultiplyAdd(x2, weight, b2);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 2));
            c0 = TLanes.MultiplyAdd(x0, weight, c0);
            c1 = TLanes.MultiplyAdd(x1, weight, c1);
            c2 = TLanes.MultiplyAdd(x2, weight, c2);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 3));
            d0 = TLanes.MultiplyAdd(x0, weight, d0);
            d1 = TLanes.MultiplyAdd(x1, weight, d1);
            d2 = TLanes.MultiplyAdd(x2, weight, d2);
            weight = TLanes.Broadcast(others);
            e0 = TLanes.MultiplyAdd(x0, weight, e0);
            e1 = TLanes.MultiplyAdd(x1, weight, e1);
            e2 = TLanes.MultiplyAdd(x2, weight, e2);
            weight = TLanes.Broadcast(Unsafe.Add(ref others, 1));
            f0 = TLanes.MultiplyAdd(x0, weight, f0);
            f1 = TLanes.MultiplyAdd(x1, weight, f1);
            f2 = TLanes.MultiplyAdd(x2, weight, f2);
            weight = TLanes.Broadcast(Unsafe.Add(ref others, 2));
            g0 = TLanes.MultiplyAdd(x0, weight, g0);
            g1 = TLanes.MultiplyAdd(x1, weight, g1);
            g2 = TLanes.MultiplyAdd(x2, weight, g2);
            weight = TLanes.Broadcast(Unsafe.Add(ref others, 3));
            h0 = TLanes.MultiplyAdd(x0, weight, h0);
            h1 = TLanes.MultiplyAdd(x1, weight, h1);
            h2 = TLanes.MultiplyAdd(x2, weight, h2);
            weights = ref Unsafe.Add(ref weights, Group);
            others = ref Unsafe.Add(ref others, Group);
        }

        product.Store(filter, column, a0, b0, c0, d0);
        product.Store(filter + Group, column, e0, f0, g0, h0);
        product.Store(filter, column + (int)lanes, a1, b1, c1, d1);
        product.Store(filter + Group, column + (int)lanes, e1, f1, g1, h1);
        product.Store(filter, column + (2 * (int)lanes), a2, b2, c2, d2);
        product.Store(filter + Group, column + (2 * (int)lanes), e2, f2, g2, h2);
    }

    // Four filters and three registers: twelve sums hide the latency of a multiply-add, and seven loads serve them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Three<TLanes>(in Operands product, int column, int filter)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count;
        TLanes a0 = product.Bias<TLanes>(filter), b0 = product.Bias<TLanes>(filter + 1);
        TLanes c0 = product.Bias<TLanes>(filter + 2), d0 = product.Bias<TLanes>(filter + 3);
        TLanes a1 = a0, a2 = a0, b1 = b0, b2 = b0, c1 = c0, c2 = c0, d1 = d0, d2 = d0;
        ref float weights = ref product.Weights(filter), planes = ref Unsafe.Add(ref product.Planes, column);
        ref int offsets = ref product.Offsets;
        nint count = product.Count;
        for (nint plane = 0; plane < count; plane++)
        {
            ref float values = ref Unsafe.Add(ref planes, Unsafe.Add(ref offsets, plane));
            TLanes x0 = TLanes.Load(in values, 0), x1 = TLanes.Load(in values, lanes), x2 = TLanes.Load(in values, 2 * lanes);
            TLanes weight = TLanes.Broadcast(weights);
            a0 = TLanes.MultiplyAdd(x0, weight, a0);
            a1 = TLanes.MultiplyAdd(x1, weight, a1);
            a2 = TLanes.MultiplyAdd(x2, weight, a2);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 1));
            b0 = TLanes.MultiplyAdd(x0, weight, b0);
            b1 = TLanes.MultiplyAdd(x1, weight, b1);
            b2 = TLanes.MultiplyAdd(x2, weight, b2);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 2));
            c0 = TLanes.MultiplyAdd(x0, weight, c0);
            c1 = TLanes.MultiplyAdd(x1, weight, c1);
            c2 = TLanes.MultiplyAdd(x2, weight, c2);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 3));
            d0 = TLanes.MultiplyAdd(x0, weight, d0);
            d1 = TLanes.MultiplyAdd(x1, weight, d1);
            d2 = TLanes.MultiplyAdd(x2, weight, d2);
            weights = ref Unsafe.Add(ref weights, Group);
        }

        product.Store(filter, column, a0, b0, c0, d0);
        product.Store(filter, column + (int)lanes, a1, b1, c1, d1);
        product.Store(filter, column + (2 * (int)lanes), a2, b2, c2, d2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TLanes>(in Operands product, int column, int filter)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count;
        TLanes a0 = product.Bias<TLanes>(filter), b0 = product.Bias<TLanes>(filter + 1);
        TLanes c0 = product.Bias<TLanes>(filter + 2), d0 = product.Bias<TLanes>(filter + 3);
        TLanes a1 = a0, b1 = b0, c1 = c0, d1 = d0;
        ref float weights = ref product.Weights(filter), planes = ref Unsafe.Add(ref product.Planes, column);
        ref int offsets = ref product.Offsets;
        nint count = product.Count;
        for (nint plane = 0; plane < count; plane++)
        {
            ref float values = ref Unsafe.Add(ref planes, Unsafe.Add(ref offsets, plane));
            TLanes x0 = TLanes.Load(in values, 0), x1 = TLanes.Load(in values, lanes);
            TLanes weight = TLanes.Broadcast(weights);
            a0 = TLanes.MultiplyAdd(x0, weight, a0);
            a1 = TLanes.MultiplyAdd(x1, weight, a1);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 1));
            b0 = TLanes.MultiplyAdd(x0, weight, b0);
            b1 = TLanes.MultiplyAdd(x1, weight, b1);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 2));
            c0 = TLanes.MultiplyAdd(x0, weight, c0);
            c1 = TLanes.MultiplyAdd(x1, weight, c1);
            weight = TLanes.Broadcast(Unsafe.Add(ref weights, 3));
            d0 = TLanes.MultiplyAdd(x0, weight, d0);
            d1 = TLanes.MultiplyAdd(x1, weight, d1);
            weights = ref Unsafe.Add(ref weights, Group);
        }

        product.Store(filter, column, a0, b0, c0, d0);
        product.Store(filter, column + (int)lanes, a1, b1, c1, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TLanes>(in Operands product, int column, int filter)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes a = product.Bias<TLanes>(filter), b = product.Bias<TLanes>(filter + 1);
        TLanes c = product.Bias<TLanes>(filter + 2), d = product.Bias<TLanes>(filter + 3);
        ref float weights = ref product.Weights(filter), planes = ref Unsafe.Add(ref product.Planes, column);
        ref int offsets = ref product.Offsets;
        nint count = product.Count;
        for (nint plane = 0; plane < count; plane++)
        {
            TLanes x = TLanes.Load(in Unsafe.Add(ref planes, Unsafe.Add(ref offsets, plane)), 0);
            a = TLanes.MultiplyAdd(x, TLanes.Broadcast(weights), a);
            b = TLanes.MultiplyAdd(x, TLanes.Broadcast(Unsafe.Add(ref weights, 1)), b);
            c = TLanes.MultiplyAdd(x, TLanes.Broadcast(Unsafe.Add(ref weights, 2)), c);
            d = TLanes.MultiplyAdd(x, TLanes.Broadcast(Unsafe.Add(ref weights, 3)), d);
            weights = ref Unsafe.Add(ref weights, Group);
        }

        product.Store(filter, column, a, b, c, d);
    }

    private readonly ref struct Operands(
        ReadOnlySpan<float> packed, ReadOnlySpan<float> biases, ReadOnlySpan<float> planes, ReadOnlySpan<int> offsets, int columns, int filters,
        Span<float> output, int outputStride, bool rectify)
    {
        private readonly ref float _packed = ref MemoryMarshal.GetReference(packed);
        private readonly ref float _biases = ref MemoryMarshal.GetReference(biases);
        private readonly ref float _output = ref MemoryMarshal.GetReference(output);
        private readonly int _groupStride = offsets.Length * Group;
        private readonly int _outputStride = outputStride;
        private readonly bool _hasBiases = !biases.IsEmpty;
        private readonly bool _rectify = rectify;

        public readonly ref float Planes = ref MemoryMarshal.GetReference(planes);
        public readonly ref int Offsets = ref MemoryMarshal.GetReference(offsets);
        public readonly int Count = offsets.Length;
        public readonly int Columns = columns;
        public readonly int Filters = filters;

        public ref float Weights(int filter) => ref Unsafe.Add(ref _packed, filter / Group * _groupStride);

        public TLanes Bias<TLanes>(int filter)
            where TLanes : struct, ILanes<TLanes> => TLanes.Broadcast(_hasBiases ? Unsafe.Add(ref _biases, filter) : 0);

        // The filters that fill the last group are its last one once more.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store<TLanes>(int filter, int column, TLanes a, TLanes b, TLanes c, TLanes d)
            where TLanes : struct, ILanes<TLanes>
        {
            int last = Filters - 1;
            Store(filter, column, a);
            Store(Math.Min(filter + 1, last), column, b);
            Store(Math.Min(filter + 2, last), column, c);
            Store(Math.Min(filter + 3, last), column, d);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Store<TLanes>(int filter, int column, TLanes sums)
            where TLanes : struct, ILanes<TLanes> =>
            (_rectify ? TLanes.Max(sums, TLanes.Broadcast(0)) : sums).Store(ref _output, (nuint)((nint)filter * _outputStride) + (nuint)column);
    }
}
