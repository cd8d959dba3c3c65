using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of one direction of an LSTM layer on a CPU, for sequences that all begin from zero states. Immutable.</summary>
/// <remarks>
/// Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997; with a projected output, Sak, Senior and Beaufays, "Long Short-Term Memory Recurrent Neural
/// Network Architectures for Large Scale Acoustic Modeling", Interspeech 2014. A sequence's values do not depend on the sequences beside it.
/// </remarks>
internal sealed class FusedLstm
{
    // The inputs of so many steps are multiplied at once: enough to reuse the weights, few enough to stay in the cache.
    private const int BlockRows = 128;

    private readonly FusedDense _input;
    private readonly FusedDense _recurrent;
    private readonly FusedDense? _projection;
    private readonly float _cellClip;
    private readonly float _outputClip;
    private readonly int _cells;

    public FusedLstm(LstmWeights weights)
    {
        (InputSize, OutputSize, _cells) = (weights.InputSize, weights.OutputSize, weights.CellSize);
        (_cellClip, _outputClip) = (weights.CellClip, weights.OutputClip);
        _input = FusedDense.OfColumns(weights.Input, weights.Bias);
        _recurrent = FusedDense.OfColumns(weights.Recurrent, new float[4 * _cells]);
        if (weights.Projection is { } projection)
            _projection = FusedDense.OfColumns(projection, new float[OutputSize]);
    }

    public int InputSize { get; }

    public int OutputSize { get; }

    /// <summary>Values that a direction of a layer needs for its gates, with padding.</summary>
    public static long WorkingValues(LstmShape shape) => BlockRows * 2L * KernelTile.Pad(4 * shape.CellSize);

    /// <summary>Runs the layer over sequences.</summary>
    /// <param name="sequences">Their lengths.</param>
    /// <param name="input">Total × <see cref="InputSize"/> values, packed.</param>
    /// <param name="output">Room for total × <see cref="OutputSize"/> values, packed.</param>
    /// <param name="cells">Receives the cells after each sequence's last step, or is empty.</param>
    public void Run(PackedSequences sequences, ReadOnlySpan<float> input, Span<float> output, Span<float> cells = default)
    {
        int rows = sequences.Active(0), gateStride = _input.OutputStride, hiddenStride = _projection?.OutputStride ?? _cells, block = Math.Max(BlockRows, rows);
        using var gates = new Scratch(checked(block * gateStride));
        using var recurrent = new Scratch(checked(rows * gateStride));
        using var hidden = new Scratch(checked(rows * hiddenStride));
        using var cell = new Scratch(rows * _cells);
        using var emitted = new Scratch(rows * _cells);
        cell.Span.Clear();
        int blockEnd = 0, blockStart = 0;
        for (int step = 0; step < sequences.Steps; step++)
        {
            int active = sequences.Active(step), first = sequences.Offset(step);
            if (first == blockEnd)
            {
                (blockStart, blockEnd) = (first, EndOfBlock(sequences, step, block));
                _input.Run(input[(blockStart * InputSize)..], InputSize, blockEnd - blockStart, gates.Span);
            }

            Span<float> now = gates.Span.Slice((first - blockStart) * gateStride, active * gateStride);
            if (step > 0)
                _recurrent.Run(hidden.Span, hiddenStride, active, recurrent.Span);
            Span<float> emitting = _projection is null ? hidden.Span : emitted.Span;
            for (int row = 0; row < active; row++)
            {
                Span<float> rowGates = now.Slice(row * gateStride, 4 * _cells);
                if (step > 0)
                    TensorPrimitives.Add(rowGates, recurrent.Span.Slice(row * gateStride, 4 * _cells), rowGates);
                Emit(rowGates, cell.Span.Slice(row * _cells, _cells), emitting.Slice(row * _cells, _cells), _cellClip);
            }

            _projection?.Run(emitted.Span, _cells, active, hidden.Span);
            for (int row = 0; row < active; row++)
            {
                Span<float> rowHidden = hidden.Span.Slice(row * hiddenStride, OutputSize);
                if (_projection is not null)
                    Clip(rowHidden, _outputClip);
                rowHidden.CopyTo(output[((first + row) * OutputSize)..]);
            }
        }

        // A sequence that has ended keeps its cells.
        if (!cells.IsEmpty)
            cell.Span[..(rows * _cells)].CopyTo(cells);
    }

    /// <summary>c = clip(f * c + i * u); the emitted value is o * tanh(c).</summary>
    /// <param name="gates">4C values in the order of <see cref="LstmWeights"/>.</param>
    /// <param name="cell">c, which is replaced by what follows it.</param>
    /// <param name="emitted">Receives C values.</param>
    /// <param name="cellClip">The greatest magnitude of a cell; 0 for no bound.</param>
    public static void Emit(ReadOnlySpan<float> gates, Span<float> cell, Span<float> emitted, float cellClip = 0)
    {
        if (gates.Length < 4 * cell.Length || emitted.Length < cell.Length)
            throw new ArgumentException("A buffer is too small for these cells.");
        ref float first = ref MemoryMarshal.GetReference(cell), target = ref MemoryMarshal.GetReference(emitted);
        if (KernelTile.IsWide)
            Emit<Lanes512>(ref MemoryMarshal.GetReference(gates), ref first, ref target, cell.Length, cellClip);
        else
            Emit<Lanes256>(ref MemoryMarshal.GetReference(gates), ref first, ref target, cell.Length, cellClip);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Emit<TLanes>(ref float gates, ref float cell, ref float emitted, int cells, float cellClip)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes bound = TLanes.Broadcast(cellClip > 0 ? cellClip : float.PositiveInfinity);
        int place = 0;
        for (; place + TLanes.Count <= cells; place += TLanes.Count)
            Emit(ref Unsafe.Add(ref gates, place), cells, ref Unsafe.Add(ref cell, place), ref Unsafe.Add(ref emitted, place), bound);
        if (place == cells)
            return;

        // The last few cells, in registers that are not full.
        int left = cells - place;
        Span<float> room = stackalloc float[6 * TLanes.Count];
        room.Clear();
        for (int gate = 0; gate < 4; gate++)
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref gates, (gate * cells) + place), left).CopyTo(room[(gate * TLanes.Count)..]);
        Span<float> lastCells = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref cell, place), left);
        Span<float> roomOfCell = room[(4 * TLanes.Count)..], roomOfEmitted = room[(5 * TLanes.Count)..];
        lastCells.CopyTo(roomOfCell);
        Emit(ref room[0], TLanes.Count, ref roomOfCell[0], ref roomOfEmitted[0], bound);
        roomOfCell[..left].CopyTo(lastCells);
        roomOfEmitted[..left].CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref emitted, place), left));
    }

    // A register of cells; from one gate to the next there are so many values.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Emit<TLanes>(ref float gates, int stride, ref float cell, ref float emitted, TLanes bound)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint next = (nuint)stride;
        TLanes inputGate = FastSigmoid.Of(TLanes.Load(in gates, 0)), forgetGate = FastSigmoid.Of(TLanes.Load(in gates, next));
        TLanes outputGate = FastSigmoid.Of(TLanes.Load(in gates, 2 * next)), candidate = FastSigmoid.Tanh(TLanes.Load(in gates, 3 * next));
        TLanes updated = TLanes.MultiplyAdd(forgetGate, TLanes.Load(in cell, 0), inputGate * candidate);
        updated = TLanes.Min(TLanes.Max(updated, TLanes.Broadcast(0) - bound), bound);
        updated.Store(ref cell, 0);
        (outputGate * FastSigmoid.Tanh(updated)).Store(ref emitted, 0);
    }

    private static void Clip(Span<float> values, float bound)
    {
        if (bound <= 0)
            return;
        TensorPrimitives.Min(values, bound, values);
        TensorPrimitives.Max(values, -bound, values);
    }

    private static int EndOfBlock(PackedSequences sequences, int step, int most)
    {
        int start = sequences.Offset(step), end = start;
        while (step < sequences.Steps && end + sequences.Active(step) - start <= most)
            end += sequences.Active(step++);
        return end;
    }
}
