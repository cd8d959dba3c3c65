using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>A block of the network in one pass over one image: convolution 3 × 3, maximum over 2 × 2, rectifier.</summary>
/// <remarks>
/// What lies between the three is a few registers and never memory, which is where a library that runs them one after the other spends its time.
/// Images are channels-last with a border of one zero pixel, (H + 2, W + 2, C); the filters of a pixel are padded to whole registers.
/// </remarks>
internal sealed class FusedConvolution
{
    public const int KernelSize = 3;

    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _channelStride;
    private readonly int _inputSize;
    private readonly int _runs;
    private readonly int _runLength;
    private readonly int _filters;
    private readonly int _filterStride;
    private readonly float[] _weights;
    private readonly float[] _biases;

    /// <param name="height">H of the input.</param>
    /// <param name="width">W of the input.</param>
    /// <param name="channels">C of the input.</param>
    /// <param name="channelStride">Values from one pixel of the input to the next; at least C.</param>
    /// <param name="weights">(F, C, 3, 3).</param>
    /// <param name="biases">F values.</param>
    public FusedConvolution(int height, int width, int channels, int channelStride, float[] weights, float[] biases)
    {
        (_height, _width, _channels, _channelStride) = (height, width, channels, channelStride);
        // The kernels count in 32 bits and look at no bounds: no larger image may reach them.
        _inputSize = checked((height + 2) * (width + 2) * channelStride);
        OutputSize = checked((int)OutputValues(height / 2, width / 2, biases.Length));
        // Without gaps between pixels the three of a row are one run of values.
        (_runs, _runLength) = channels == channelStride ? (1, KernelSize * channels) : (KernelSize, channels);
        int tile = KernelTile.Width, filters = _filters = biases.Length;
        _filterStride = KernelTile.Pad(filters);
        _biases = new float[_filterStride];
        biases.CopyTo(_biases, 0);

        // (tiles, 3, 3, C, filters of a tile): the order in which the kernel reads them.
        _weights = new float[checked(_filterStride * channels * KernelSize * KernelSize)];
        for (int filter = 0; filter < filters; filter++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                for (int tap = 0; tap < KernelSize * KernelSize; tap++)
                {
                    int target = (((((filter / tile) * KernelSize * KernelSize) + tap) * channels) + channel) * tile;
                    _weights[target + (filter % tile)] = weights[(((filter * channels) + channel) * KernelSize * KernelSize) + tap];
                }
            }
        }
    }

    public int OutputHeight => _height / 2;

    public int OutputWidth => _width / 2;

    /// <summary>Values from one pixel of the output to the next.</summary>
    public int FilterStride => _filterStride;

    /// <summary>Values of an output with its border.</summary>
    public int OutputSize { get; }

    /// <summary>Values of an output with its border and its padding.</summary>
    public static long OutputValues(int height, int width, int filters) => (height + 2L) * (width + 2L) * KernelTile.Pad(filters);

    /// <summary>Values that the padding adds to the weights.</summary>
    public static long PaddingValues(long channels, int filters) => (KernelTile.Pad(filters) - filters) * channels * KernelSize * KernelSize;

    /// <summary>Computes one image.</summary>
    /// <param name="input">(H + 2, W + 2, channel stride).</param>
    /// <param name="output">(H / 2 + 2, W / 2 + 2, filter stride); its border must be zero and stays so.</param>
    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        if (input.Length < _inputSize || output.Length < OutputSize)
            throw new ArgumentException("A buffer is too small for this block.");
        if (KernelTile.IsWide)
            Run<Lanes512>(in MemoryMarshal.GetReference(input), ref MemoryMarshal.GetReference(output));
        else
            Run<Lanes256>(in MemoryMarshal.GetReference(input), ref MemoryMarshal.GetReference(output));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run<TLanes>(ref readonly float input, ref float output)
        where TLanes : struct, ILanes<TLanes>
    {
        int lanes = TLanes.Count, tile = 2 * lanes, rowStride = (_width + 2) * _channelStride, outputRowStride = (OutputWidth + 2) * _filterStride;
        int tileWeights = KernelSize * KernelSize * _channels * tile, pixels = OutputHeight * OutputWidth;
        ref readonly float weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref readonly float biases = ref MemoryMarshal.GetArrayDataReference(_biases);
        for (int first = 0; first < _filterStride; first += tile)
        {
            nuint firstWeight = (nuint)(first / tile * tileWeights);
            bool isNarrow = _filters - first <= lanes, isWide = !isNarrow && KernelTile.HasManyRegisters<TLanes>();
            for (int pixel = 0; pixel < pixels;)
            {
                // An odd last pixel is computed alone.
                int other = pixel + 1 < pixels && (isNarrow || isWide) ? pixel + 1 : pixel;
                nuint window = Window(pixel), otherWindow = Window(other), target = Target(pixel, first), otherTarget = Target(other, first);
                if (isNarrow)
                {
                    NarrowPair<TLanes>(
                        in input, window, otherWindow, rowStride, in weights, firstWeight, in biases, (nuint)first, ref output, target, otherTarget);
                }
                else if (other > pixel)
                {
                    Pair<TLanes>(in input, window, otherWindow, rowStride, in weights, firstWeight, in biases, (nuint)first, ref output, target, otherTarget);
                }
                else
                {
                    Pixel<TLanes>(in input, window, rowStride, in weights, firstWeight, in biases, (nuint)first, ref output, target);
                }

                pixel = other + 1;
            }
        }

        nuint Window(int pixel) => (nuint)((2 * (pixel / OutputWidth) * rowStride) + (2 * (pixel % OutputWidth) * _channelStride));

        nuint Target(int pixel, int filter) =>
            (nuint)((((pixel / OutputWidth) + 1) * outputRowStride) + (((pixel % OutputWidth) + 1) * _filterStride) + filter);
    }

    // Four neighbouring results of the convolution for one tile of filters, and their maximum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixel<TLanes>(
        ref readonly float input,
        nuint window,
        int rowStride,
        ref readonly float weights,
        nuint weight,
        ref readonly float biases,
        nuint bias,
        ref float output,
        nuint target)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count, right = (nuint)_channelStride, below = (nuint)rowStride;
        TLanes a0 = TLanes.Load(in biases, bias), a1 = TLanes.Load(in biases, bias + lanes);
        TLanes b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1;
        for (int row = 0; row < KernelSize; row++)
        {
            for (int run = 0; run < _runs; run++)
            {
                nuint pixel = window + ((nuint)row * below) + ((nuint)run * right);
                for (nuint end = pixel + (nuint)_runLength; pixel < end; pixel++)
                {
                    TLanes w0 = TLanes.Load(in weights, weight), w1 = TLanes.Load(in weights, weight + lanes);
                    TLanes value = TLanes.Broadcast(At(in input, pixel));
                    a0 = TLanes.MultiplyAdd(w0, value, a0);
                    a1 = TLanes.MultiplyAdd(w1, value, a1);
                    value = TLanes.Broadcast(At(in input, pixel + right));
                    b0 = TLanes.MultiplyAdd(w0, value, b0);
                    b1 = TLanes.MultiplyAdd(w1, value, b1);
                    value = TLanes.Broadcast(At(in input, pixel + below));
                    c0 = TLanes.MultiplyAdd(w0, value, c0);
                    c1 = TLanes.MultiplyAdd(w1, value, c1);
                    value = TLanes.Broadcast(At(in input, pixel + below + right));
                    d0 = TLanes.MultiplyAdd(w0, value, d0);
                    d1 = TLanes.MultiplyAdd(w1, value, d1);
                    weight += 2 * lanes;
                }
            }
        }

        TLanes zero = TLanes.Broadcast(0);
        TLanes.Max(TLanes.Max(TLanes.Max(a0, b0), TLanes.Max(c0, d0)), zero).Store(ref output, target);
        TLanes.Max(TLanes.Max(TLanes.Max(a1, b1), TLanes.Max(c1, d1)), zero).Store(ref output, target + lanes);
    }

    // The same for two pixels, where there are registers for both: the weights, which do not fit into the nearest cache, are read half as often.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pair<TLanes>(
        ref readonly float input,
        nuint window,
        nuint otherWindow,
        int rowStride,
        ref readonly float weights,
        nuint weight,
        ref readonly float biases,
        nuint bias,
        ref float output,
        nuint target,
        nuint otherTarget)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count, right = (nuint)_channelStride, below = (nuint)rowStride;
        TLanes a0 = TLanes.Load(in biases, bias), a1 = TLanes.Load(in biases, bias + lanes);
        TLanes b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1, e0 = a0, e1 = a1, f0 = a0, f1 = a1, g0 = a0, g1 = a1, h0 = a0, h1 = a1;
        for (int row = 0; row < KernelSize; row++)
        {
            for (int run = 0; run < _runs; run++)
            {
                nuint first = ((nuint)row * below) + ((nuint)run * right), pixel = window + first, other = otherWindow + first;
                for (nuint end = pixel + (nuint)_runLength; pixel < end; pixel++, other++)
                {
                    TLanes w0 = TLanes.Load(in weights, weight), w1 = TLanes.Load(in weights, weight + lanes);
                    TLanes value = TLanes.Broadcast(At(in input, pixel));
                    a0 = TLanes.MultiplyAdd(w0, value, a0);
                    a1 = TLanes.MultiplyAdd(w1, value, a1);
                    value = TLanes.Broadcast(At(in input, pixel + right));
                    b0 = TLanes.MultiplyAdd(w0, value, b0);
                    b1 = TLanes.MultiplyAdd(w1, value, b1);
                    value = TLanes.Broadcast(At(in input, pixel + below));
                    c0 = TLanes.MultiplyAdd(w0, value, c0);
                    c1 = TLanes.MultiplyAdd(w1, value, c1);
                    value = TLanes.Broadcast(At(in input, pixel + below + right));
                    d0 = TLanes.MultiplyAdd(w0, value, d0);
                    d1 = TLanes.MultiplyAdd(w1, value, d1);
                    value = TLanes.Broadcast(At(in input, other));
                    e0 = TLanes.MultiplyAdd(w0, value, e0);
                    e1 = TLanes.MultiplyAdd(w1, value, e1);
                    value = TLanes.Broadcast(At(in input, other + right));
                    f0 = TLanes.MultiplyAdd(w0, value, f0);
                    f1 = TLanes.MultiplyAdd(w1, value, f1);
                    value = TLanes.Broadcast(At(in input, other + below));
                    g0 = TLanes.MultiplyAdd(w0, value, g0);
                    g1 = TLanes.MultiplyAdd(w1, value, g1);
                    value = TLanes.Broadcast(At(in input, other + below + right));
                    h0 = TLanes.MultiplyAdd(w0, value, h0);
                    h1 = TLanes.MultiplyAdd(w1, value, h1);
                    weight += 2 * lanes;
                }
            }
        }

        TLanes zero = TLanes.Broadcast(0);
        TLanes.Max(TLanes.Max(TLanes.Max(a0, b0), TLanes.Max(c0, d0)), zero).Store(ref output, target);
        TLanes.Max(TLanes.Max(TLanes.Max(a1, b1), TLanes.Max(c1, d1)), zero).Store(ref output, target + lanes);
        TLanes.Max(TLanes.Max(TLanes.Max(e0, f0), TLanes.Max(g0, h0)), zero).Store(ref output, otherTarget);
        TLanes.Max(TLanes.Max(TLanes.Max(e1, f1), TLanes.Max(g1, h1)), zero).Store(ref output, otherTarget + lanes);
    }

    // The same for half a tile, where there are no more filters: two pixels then keep as many registers busy as two halves do.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NarrowPair<TLanes>(
        ref readonly float input,
        nuint window,
        nuint otherWindow,
        int rowStride,
        ref readonly float weights,
        nuint weight,
        ref readonly float biases,
        nuint bias,
        ref float output,
        nuint target,
        nuint otherTarget)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint right = (nuint)_channelStride, below = (nuint)rowStride, tile = 2 * (nuint)TLanes.Count;
        TLanes a0 = TLanes.Load(in biases, bias);
        TLanes a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        for (int row = 0; row < KernelSize; row++)
        {
            for (int run = 0; run < _runs; run++)
            {
                nuint first = ((nuint)row * below) + ((nuint)run * right), pixel = window + first, other = otherWindow + first;
                for (nuint end = pixel + (nuint)_runLength; pixel < end; pixel++, other++)
                {
                    TLanes filter = TLanes.Load(in weights, weight);
                    a0 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, pixel)), a0);
                    a1 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, pixel + right)), a1);
                    a2 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, pixel + below)), a2);
                    a3 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, pixel + below + right)), a3);
                    b0 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, other)), b0);
                    b1 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, other + right)), b1);
                    b2 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, other + below)), b2);
                    b3 = TLanes.MultiplyAdd(filter, TLanes.Broadcast(At(in input, other + below + right)), b3);
                    weight += tile;
                }
            }
        }

        TLanes zero = TLanes.Broadcast(0);
        TLanes.Max(TLanes.Max(TLanes.Max(a0, a1), TLanes.Max(a2, a3)), zero).Store(ref output, target);
        TLanes.Max(TLanes.Max(TLanes.Max(b0, b1), TLanes.Max(b2, b3)), zero).Store(ref output, otherTarget);
    }

    private static float At(ref readonly float values, nuint index) => Unsafe.Add(ref Unsafe.AsRef(in values), index);
}
