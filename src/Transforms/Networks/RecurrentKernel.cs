using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of one direction of a recurrent layer on a CPU. Immutable; a sequence's values do not depend on the sequences beside it.</summary>
internal abstract class RecurrentKernel : ISeriesKernel
{
    /// <summary>The inputs of so many steps are multiplied at once: enough to reuse the weights, few enough to stay in the cache.</summary>
    public const int BlockRows = 128;

    private readonly FusedDense _input;
    private readonly int _inputs;

    /// <param name="layer">The layer.</param>
    /// <param name="weight">The weights of the direction.</param>
    protected RecurrentKernel(Recurrent layer, WeightOf<float[]> weight)
    {
        float[] bias = weight("bias"), input = weight("input");
        (_input, _inputs) = (FusedDense.OfColumns(input, bias), input.Length / bias.Length);
        (Units, OutputSize) = (layer.Units, layer.OutputSize);
    }

    /// <summary>C.</summary>
    public int Units { get; }

    /// <summary>P.</summary>
    public int OutputSize { get; }

    /// <summary>Values from one sequence's state to the next one's.</summary>
    public virtual int HiddenStride => Units;

    /// <summary>Values from one sequence's gates to the next one's.</summary>
    protected int GateStride => _input.OutputStride;

    /// <summary>Takes one step.</summary>
    /// <param name="rows">How many sequences.</param>
    /// <param name="gates">What the inputs add to the gates, <see cref="GateStride"/> values each, which may be overwritten.</param>
    /// <param name="hidden"><see cref="HiddenStride"/> values each: what was put out, which is replaced by what is put out now.</param>
    /// <param name="cells">C values each, which are replaced by those after the step.</param>
    /// <param name="isFirst">Whether all states are zero.</param>
    public abstract void Step(int rows, Span<float> gates, Span<float> hidden, Span<float> cells, bool isFirst);

    /// <summary>Takes one step, given its inputs.</summary>
    /// <param name="rows">How many sequences.</param>
    /// <param name="input">I values each.</param>
    /// <param name="hidden">As above.</param>
    /// <param name="cells">As above.</param>
    public void Step(int rows, ReadOnlySpan<float> input, Span<float> hidden, Span<float> cells)
    {
        using var gates = new Scratch(checked(rows * GateStride));
        _input.Run(input, _inputs, rows, gates.Span);
        Step(rows, gates.Span, hidden, cells, isFirst: false);
    }

    /// <summary>Runs over sequences that all begin from zero states.</summary>
    /// <param name="sequences">Their lengths.</param>
    /// <param name="input">Total × I values, packed.</param>
    /// <param name="output">Room for total × P values, packed; or empty.</param>
    /// <param name="finalCells">Receives the cells after each sequence's last step, or is empty.</param>
    /// <param name="last">Receives the output of each sequence's last step, or is empty.</param>
    public void Run(PackedSequences sequences, ReadOnlySpan<float> input, Span<float> output, Span<float> finalCells = default, Span<float> last = default)
    {
        int rows = sequences.Active(0), block = Math.Max(BlockRows, rows);
        using var gates = new Scratch(checked(block * GateStride));
        using var hidden = new Scratch(checked(rows * HiddenStride));
        using var cells = new Scratch(rows * Units);
        hidden.Span.Clear();
        cells.Span.Clear();
        int blockEnd = 0, blockStart = 0;
        for (int step = 0; step < sequences.Steps; step++)
        {
            int active = sequences.Active(step), first = sequences.Offset(step);
            if (first == blockEnd)
            {
                (blockStart, blockEnd) = (first, EndOfBlock(sequences, step, block));
                _input.Run(input[(blockStart * _inputs)..], _inputs, blockEnd - blockStart, gates.Span);
            }

            Step(active, gates.Span.Slice((first - blockStart) * GateStride, active * GateStride), hidden.Span, cells.Span, isFirst: step == 0);
            for (int row = 0; row < active && !output.IsEmpty; row++)
                hidden.Span.Slice(row * HiddenStride, OutputSize).CopyTo(output[((first + row) * OutputSize)..]);
        }

        // A sequence that has ended keeps its state.
        if (!finalCells.IsEmpty)
            cells.Span[..(rows * Units)].CopyTo(finalCells);
        for (int row = 0; row < rows && !last.IsEmpty; row++)
            hidden.Span.Slice(row * HiddenStride, OutputSize).CopyTo(last[(row * OutputSize)..]);
    }

    void ISeriesKernel.RunSeries(PackedSequences series, ReadOnlySpan<float> input, Span<float> output) => Run(series, input, output);

    void ISeriesKernel.RunToLast(PackedSequences series, ReadOnlySpan<float> input, Span<float> last) => Run(series, input, output: default, last: last);

    SeriesState ISeriesKernel.ZeroState(int rows, int steps) =>
        new State(new float[checked(rows * HiddenStride)], HiddenStride, new float[rows * Units], Units);

    void ISeriesKernel.Step(SeriesState state, int rows, ReadOnlySpan<float> input, Span<float> output)
    {
        var own = (State)state;
        Step(rows, input, own.Hidden, own.Cells);
        for (int row = 0; row < rows; row++)
            own.Hidden.AsSpan(row * HiddenStride, OutputSize).CopyTo(output[(row * OutputSize)..]);
    }

    /// <summary>A part of the columns of a matrix (rows, parts · C).</summary>
    protected static float[] Part(float[] matrix, int units, int parts, int first, int count)
    {
        int columns = parts * units, rows = matrix.Length / columns;
        float[] part = new float[rows * count * units];
        for (int row = 0; row < rows; row++)
            matrix.AsSpan((row * columns) + (first * units), count * units).CopyTo(part.AsSpan(row * count * units));
        return part;
    }

    /// <summary>Computes a function of the gates of each cell, a register of cells at once.</summary>
    /// <param name="function">The function.</param>
    /// <param name="gates">A part of C values for each gate that it reads.</param>
    /// <param name="cell">C values, which may be replaced.</param>
    /// <param name="emitted">Receives C values.</param>
    internal static void Compute<TFunction>(TFunction function, ReadOnlySpan<float> gates, Span<float> cell, Span<float> emitted)
        where TFunction : struct, ICellFunction
    {
        ref float first = ref MemoryMarshal.GetReference(cell), target = ref MemoryMarshal.GetReference(emitted);
        if (KernelTile.IsWide)
            Compute<Lanes512, TFunction>(function, ref MemoryMarshal.GetReference(gates), ref first, ref target, cell.Length);
        else
            Compute<Lanes256, TFunction>(function, ref MemoryMarshal.GetReference(gates), ref first, ref target, cell.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TLanes, TFunction>(TFunction function, ref float gates, ref float cell, ref float emitted, int cells)
        where TLanes : struct, ILanes<TLanes>
        where TFunction : struct, ICellFunction
    {
        int place = 0;
        for (; place + TLanes.Count <= cells; place += TLanes.Count)
            function.Compute<TLanes>(ref Unsafe.Add(ref gates, place), (nuint)cells, ref Unsafe.Add(ref cell, place), ref Unsafe.Add(ref emitted, place));
        if (place == cells)
            return;

        // The last few cells, in registers that are not full.
        int left = cells - place, parts = TFunction.Gates;
        Span<float> room = stackalloc float[(parts + 2) * TLanes.Count];
        room.Clear();
        for (int gate = 0; gate < parts; gate++)
            MemoryMarshal.CreateSpan(ref Unsafe.Add(ref gates, (gate * cells) + place), left).CopyTo(room[(gate * TLanes.Count)..]);
        Span<float> lastCells = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref cell, place), left);
        Span<float> roomOfCell = room[(parts * TLanes.Count)..], roomOfEmitted = room[((parts + 1) * TLanes.Count)..];
        lastCells.CopyTo(roomOfCell);
        function.Compute<TLanes>(ref room[0], (nuint)TLanes.Count, ref roomOfCell[0], ref roomOfEmitted[0]);
        roomOfCell[..left].CopyTo(lastCells);
        roomOfEmitted[..left].CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref emitted, place), left));
    }

    private sealed class State(float[] hidden, int hiddenStride, float[] cells, int units) : SeriesState
    {
        public float[] Hidden => hidden;

        public float[] Cells => cells;

        public override void Copy(int from, int to)
        {
            Copy(hidden, hiddenStride, from, to);
            Copy(cells, units, from, to);
        }
    }

    private static int EndOfBlock(PackedSequences sequences, int step, int most)
    {
        int start = sequences.Offset(step), end = start;
        while (step < sequences.Steps && end + sequences.Active(step) - start <= most)
            end += sequences.Active(step++);
        return end;
    }
}

/// <summary>What becomes of the gates of a cell and of its state.</summary>
internal interface ICellFunction
{
    /// <summary>Gates that it reads.</summary>
    static abstract int Gates { get; }

    /// <summary>Computes a register of cells.</summary>
    /// <param name="gates">The first gate.</param>
    /// <param name="next">Values from one gate to the next.</param>
    /// <param name="cell">The state, which may be replaced.</param>
    /// <param name="emitted">Receives what is put out.</param>
    void Compute<TLanes>(ref float gates, nuint next, ref float cell, ref float emitted)
        where TLanes : struct, ILanes<TLanes>;
}
