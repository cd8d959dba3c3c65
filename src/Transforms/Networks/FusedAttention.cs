using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>Multi-head attention over a sequence: products of planes, whose columns are places, and a softmax over the rows of each column.</summary>
internal sealed class FusedAttention
{
    private readonly int _channels;
    private readonly int _places;
    private readonly int _pitch;
    private readonly int _heads;
    private readonly bool _isCausal;
    private readonly int _window;
    private readonly float[] _project;
    private readonly float[] _projectBiases;
    private readonly float[] _output;
    private readonly float[] _outputBiases;
    private readonly int[] _channelOffsets;
    private readonly int[] _scoreOffsets;

    /// <param name="channels">C.</param>
    /// <param name="places">T.</param>
    /// <param name="heads">Heads; divides C.</param>
    /// <param name="isCausal">Whether a place attends to itself and those before it alone.</param>
    /// <param name="window">The greatest distance of a place that is attended to; 0 for any.</param>
    /// <param name="weight">The weights by their names.</param>
    public FusedAttention(int channels, int places, int heads, bool isCausal, int window, WeightOf<float[]> weight)
    {
        (_channels, _places, _heads, _isCausal, _window, _pitch) = (channels, places, heads, isCausal, window, checked((int)Pitch(places)));
        (_project, _projectBiases) = Pack(weight("weight"), weight("bias"));
        (_output, _outputBiases) = Pack(weight("output.weight"), weight("output.bias"));
        _channelOffsets = [.. Enumerable.Range(0, channels).Select(channel => channel * _pitch)];
        _scoreOffsets = [.. Enumerable.Range(0, places).Select(place => place * PlaneProduct.Block)];

        (float[] Weights, float[] Biases) Pack(float[] weights, float[] biases)
        {
            float[] packed = new float[checked((int)PlaneProduct.Pad(biases.Length) * channels)];
            PlaneProduct.Pack(weights, biases.Length, channels, filterStride: channels, planeStride: 1, factor: 1, packed);
            return (packed, PlaneProduct.Padded(biases));
        }
    }

    /// <summary>Values that are needed while a sequence is computed: the input and then the mix, queries, keys and values, those of a head as
    /// weights, scores.</summary>
    public static long WorkingValues(long channels, long places, int heads) => (4 * channels * Pitch(places))
        + (PlaneProduct.Pad(places) * (channels / heads)) + (PlaneProduct.Pad(channels / heads) * places) + (places * PlaneProduct.Block);

    /// <summary>Values that the order of the weights and what else is kept add to them.</summary>
    public static long PackedValues(long channels, long places) => channels + places + (8 * channels);

    /// <summary>Computes one sequence.</summary>
    /// <param name="sequence">(C, T).</param>
    /// <param name="output">Receives (C, T).</param>
    /// <param name="working">Room for <see cref="WorkingValues"/>.</param>
    public void Run(ReadOnlySpan<float> sequence, Span<float> output, Span<float> working)
    {
        int planes = _channels * _pitch, size = _channels / _heads;
        Span<float> mixed = Take(ref working, planes), parts = Take(ref working, 3 * planes);
        Span<float> keys = Take(ref working, (int)PlaneProduct.Pad(_places) * size), values = Take(ref working, (int)PlaneProduct.Pad(size) * _places);
        Span<float> scores = Take(ref working, _places * PlaneProduct.Block);
        mixed.Clear();
        for (int channel = 0; channel < _channels; channel++)
            sequence.Slice(channel * _places, _places).CopyTo(mixed[(channel * _pitch)..]);
        PlaneProduct.Run(_project, _projectBiases, mixed, _channelOffsets, _pitch, 3 * _channels, parts, _pitch, rectify: false);
        for (int head = 0; head < _heads; head++)
        {
            int first = head * size * _pitch;
            Attend(parts.Slice(first, size * _pitch), parts.Slice(planes + first, size * _pitch), parts.Slice((2 * planes) + first, size * _pitch),
                mixed.Slice(first, size * _pitch), keys, values, scores);
        }

        PlaneProduct.Run(_output, _outputBiases, mixed, _channelOffsets, _pitch, _channels, parts, _pitch, rectify: false);
        for (int channel = 0; channel < _channels; channel++)
            parts.Slice(channel * _pitch, _places).CopyTo(output[(channel * _places)..]);

        static Span<float> Take(ref Span<float> room, int count)
        {
            Span<float> taken = room[..count];
            room = room[count..];
            return taken;
        }
    }

    private static long Pitch(long places) => (places + PlaneProduct.Lanes - 1) / PlaneProduct.Lanes * PlaneProduct.Lanes;

    // Scores of a block of places: (seen places, block). What is mixed then are the values of the seen places, with the scores as planes.
    private void Attend(
        ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, Span<float> mixed, Span<float> keys, Span<float> values,
        Span<float> scores)
    {
        int size = _channels / _heads;
        bool isMasked = _isCausal || _window > 0;
        PlaneProduct.Pack(key, _places, size, filterStride: 1, planeStride: _pitch, factor: 1 / MathF.Sqrt(size), keys);
        if (!isMasked)
            PlaneProduct.Pack(value, size, _places, filterStride: _pitch, planeStride: 1, factor: 1, values);
        for (int block = 0; block < _pitch; block += PlaneProduct.Block)
        {
            int columns = Math.Min(PlaneProduct.Block, _pitch - block);
            // What some place of the block attends to, in whole groups of filters.
            int first = _window > 0 ? (int)PlaneProduct.Pad(Math.Max(0, block - _window - PlaneProduct.Group + 1)) : 0;
            long end = _isCausal ? block + columns : _window > 0 ? (long)block + columns + _window : _places;
            int seen = (int)Math.Min(_places, PlaneProduct.Pad(end)) - first;
            PlaneProduct.Run(
                keys[(first * size)..], [], query[block..], _channelOffsets.AsSpan(0, size), columns, seen, scores, PlaneProduct.Block, rectify: false);
            if (isMasked)
            {
                PlaneProduct.Pack(value[first..], size, seen, filterStride: _pitch, planeStride: 1, factor: 1, values);
                Mask(scores, block, columns, first, seen);
            }

            if (KernelTile.IsWide)
                Softmax<Lanes512>(scores, seen, columns);
            else
                Softmax<Lanes256>(scores, seen, columns);
            PlaneProduct.Run(values, [], scores, _scoreOffsets.AsSpan(0, seen), columns, size, mixed[block..], _pitch, rectify: false);
        }
    }

    private void Mask(Span<float> scores, int block, int columns, int first, int seen)
    {
        for (int row = 0; row < seen; row++)
        {
            // The places, as columns, that attend to this one.
            int place = first + row - block, begin = _isCausal ? place : _window > 0 ? place - _window : 0;
            long end = _window > 0 ? (long)place + _window + 1 : columns;
            Span<float> line = scores.Slice(row * PlaneProduct.Block, columns);
            line[..Math.Clamp(begin, 0, columns)].Fill(float.NegativeInfinity);
            line[(int)Math.Clamp(end, 0, columns)..].Fill(float.NegativeInfinity);
        }
    }

    // Columns beyond the last place may see nothing: what becomes of them is not used.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax<TLanes>(Span<float> scores, int rows, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float values = ref MemoryMarshal.GetReference(scores);
        nuint stride = (nuint)PlaneProduct.Block;
        for (nuint column = 0; column < (nuint)columns; column += (nuint)TLanes.Count)
        {
            TLanes greatest = TLanes.Broadcast(float.NegativeInfinity), sum = TLanes.Broadcast(0);
            for (int row = 0; row < rows; row++)
                greatest = TLanes.Max(greatest, TLanes.Load(in values, ((nuint)row * stride) + column));
            for (int row = 0; row < rows; row++)
            {
                nuint place = ((nuint)row * stride) + column;
                TLanes power = FastExponential.Of(TLanes.Load(in values, place) - greatest);
                power.Store(ref values, place);
                sum += power;
            }

            TLanes share = TLanes.Broadcast(1) / sum;
            for (int row = 0; row < rows; row++)
            {
                nuint place = ((nuint)row * stride) + column;
                (TLanes.Load(in values, place) * share).Store(ref values, place);
            }
        }
    }
}
