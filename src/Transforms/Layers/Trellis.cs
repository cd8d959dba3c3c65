using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>
/// A trellis network: levels of one convolution with the gates of an LSTM, whose weights all levels share and which reads the input anew at every level.
/// </summary>
/// <remarks>
/// Bai, Kolter and Koltun, "Trellis Networks for Sequence Modeling", ICLR 2019, arXiv:1810.06682, equations 1 to 3 with the gates of section 5.1. With h and c
/// of level 0 and of the steps before the first one zero, k taps and the dilation d of the level:
/// <code>
/// a_t = sum over taps j of W1_j x_(t - (k-1-j) d) + W2_j h_(t - (k-1-j) d) + b        columns i, o, g, f
/// c'_t = σ(f) c_(t-d) + σ(i) tanh(g)
/// h'_t = σ(o) tanh(c'_t)
/// </code>
/// What is put out is the last values of h of the last level. What the input adds does not depend on the level: it is computed once for each dilation.
/// </remarks>
/// <param name="HiddenSize">Values of h that are not put out.</param>
/// <param name="OutputSize">P, those that are. Both together are q.</param>
/// <param name="Levels">L.</param>
/// <param name="KernelSize">k; the last tap is the step itself.</param>
/// <param name="Dilations">d of the first levels; then they begin again.</param>
[LayerKind(30)]
internal sealed record Trellis(int HiddenSize, int OutputSize, int Levels, int KernelSize, int[] Dilations) : Layer, ISeriesLayer
{
    private const int BlockRows = 64;

    public override bool OwnsOutput => true;

    /// <summary>q.</summary>
    [JsonIgnore]
    public int Units => HiddenSize + OutputSize;

    /// <summary>How many steps, itself included, the output of a step depends on.</summary>
    [JsonIgnore]
    public long ReceptiveField => 1 + ((KernelSize - 1L) * Enumerable.Range(0, Levels).Sum(level => (long)Dilation(level)));

    /// <summary>d of a level, from 0.</summary>
    public int Dilation(int level) => Dilations[level % Dilations.Length];

    /// <summary>The different dilations of all levels.</summary>
    public int[] OwnDilations() => [.. Enumerable.Range(0, Levels).Select(Dilation).Distinct()];

    /// <summary>The weights of a layer that is given vectors of I values, taps one after the other, and from a step to the gates.</summary>
    public IEnumerable<LayerWeight> Weights(int inputs)
    {
        // The published deviation of 0.01 suits states of 1,400 values. With fewer a level would hand on next to nothing, and nothing be learned from earlier
        // steps.
        yield return Matrix("input", inputs);
        yield return Matrix("recurrent", Units);
        yield return new("bias", [4L * Units], WeightUse.Bias) { First = InitialValues.Normal(0.01) };

        LayerWeight Matrix(string name, int values)
        {
            (long read, long gates) = ((long)KernelSize * values, 4L * Units);
            return new(name, [read, gates], WeightUse.Kernel, read) { First = InitialValues.Glorot(read, gates) };
        }
    }

    public override ImageShape Apply(ImageShape input) => new(OutputSize, input.Height, 1);

    public override IEnumerable<LayerWeight> Weights(ImageShape input) => Weights(input.Channels);

    public override bool Fits(ImageShape input)
    {
        const int Largest = 1 << 16;
        return input.Width == 1 && HiddenSize is >= 0 and <= Largest && OutputSize is >= 1 and <= Largest && Levels is >= 1 and <= 1000
            && KernelSize is >= 2 and <= 16 && Dilations is { Length: >= 1 and <= 1000 } && Dilations.All(dilation => dilation is >= 1 and <= 1 << 20);
    }

    public bool FitsSeries(int inputs) => Fits(new(inputs, 1, 1));

    public override long WorkingValues(ImageShape input) =>
        (input.Height * (ValuesOfAStep(input.Channels) + input.Channels + OutputSize))
        + (BlockRows * ((KernelSize * (long)Math.Max(Units, input.Channels)) + KernelTile.Pad(4 * Units)));

    // States of two levels, what the input adds for each dilation, and where the times of a level stand.
    public long ValuesOfAStep(int inputs) => (5L * Units) + inputs + (Math.Min(Levels, Dilations.Distinct().Count()) * (long)KernelTile.Pad(4 * Units))
        + (Levels * (3L + (2 * KernelSize)));

    public long WorkOfAStep(int inputs) => 4L * Units * KernelSize * (inputs + ((Levels - 1L) * Units));

    // The inputs and the states of the levels below another, as far back as they are read.
    public long ValuesOfAState(int inputs, long steps)
    {
        long Kept(long late) => Math.Min(late + 1, steps);
        return (inputs * Kept((KernelSize - 1L) * OwnDilations().Max()))
            + Enumerable.Range(1, Levels - 1).Sum(level => Units * (Kept((KernelSize - 1L) * Dilation(level)) + Kept(Dilation(level))));
    }

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        RunSeries(x.squeeze(3).permute(2, 0, 1), weight).permute(1, 2, 0).unsqueeze(3);  // (B, I, T, 1) -> (T, B, I), and back

    public Tensor RunSeries(Tensor series, WeightOf<Tensor> weight) => Outputs(Run(series, weight)[^1].Hidden);

    /// <summary>What is put out of h, (T, B, q).</summary>
    public Tensor Outputs(Tensor hidden) => hidden.narrow(2, HiddenSize, OutputSize);

    /// <summary>Runs over series.</summary>
    /// <param name="series">(T, B, I).</param>
    /// <param name="weight">The weights.</param>
    /// <param name="before">What h and c of every level were before the first step, (B, q); null for zeros.</param>
    /// <param name="drop">What becomes of h before the convolution, as dropout does; null for nothing.</param>
    /// <returns>h and c of each level, (T, B, q).</returns>
    public RecurrentState[] Run(Tensor series, WeightOf<Tensor> weight, RecurrentState? before = null, Func<Tensor, Tensor>? drop = null)
    {
        Tensor input = weight("input"), recurrent = weight("recurrent"), bias = weight("bias");
        Dictionary<int, Tensor> injections = [];
        var levels = new RecurrentState[Levels];
        // The weights of a single level, which no level below it is multiplied by, have a gradient of zeros and not none.
        RecurrentState? below = before is null && Levels > 1 ? null : new(NoStates(), NoStates());
        for (int level = 0; level < Levels; level++)
        {
            int dilation = Dilation(level);
            if (!injections.TryGetValue(dilation, out Tensor? gates))
                injections[dilation] = gates = addmm(bias, Taps(series, dilation, null), input, 1, 1);  // (T · B, 4q)
            if (below is not null)
                gates = addmm(gates, Taps(drop?.Invoke(below.Hidden) ?? below.Hidden, dilation, before?.Hidden), recurrent, 1, 1);
            Tensor[] parts = gates.view(series.shape[0], series.shape[1], -1).split([2 * Units, Units, Units], 2), open = parts[0].sigmoid().chunk(2, 2);
            Tensor cell = open[0] * parts[1].tanh();
            if (below is not null)
                cell += parts[2].sigmoid() * Shifted(below.Cell, dilation, before?.Cell);
            levels[level] = below = new(open[1] * cell.tanh(), cell);
        }

        return levels;

        Tensor NoStates() => series.new_zeros([series.shape[0], series.shape[1], Units]);
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Unsqueeze(
        graph.Transpose(SeriesToOnnx(graph, graph.Transpose(graph.Squeeze(x, 3), 2, 0, 1), graph.Integers(input.Height), weight), 1, 2, 0), 3);

    public OnnxValue SeriesToOnnx(OnnxGraph graph, OnnxValue series, OnnxValue lengths, WeightOf<OnnxValue> weight)
    {
        Dictionary<int, OnnxValue> injections = [];
        OnnxValue? hidden = null, cell = null;
        for (int level = 0; level < Levels; level++)
        {
            int dilation = Dilation(level);
            if (!injections.TryGetValue(dilation, out OnnxValue? gates))
                injections[dilation] = gates = graph.Add(graph.MatrixProduct(Taps(series), weight("input")), weight("bias"));
            if (hidden is not null)
                gates = graph.Add(gates, graph.MatrixProduct(Taps(hidden), weight("recurrent")));
            OnnxValue Gate(int first) => graph.Slice(gates, 2, (long)first * Units, (first + 1L) * Units);
            OnnxValue letIn = graph.Multiply(graph.Sigmoid(Gate(0)), graph.Tanh(Gate(2)));
            cell = cell is null ? letIn : graph.Add(graph.Multiply(graph.Sigmoid(Gate(3)), Shifted(Padded(cell, dilation), dilation, dilation)), letIn);
            hidden = graph.Multiply(graph.Sigmoid(Gate(1)), graph.Tanh(cell));

            OnnxValue Taps(OnnxValue values)
            {
                long padding = (KernelSize - 1L) * dilation;
                OnnxValue padded = Padded(values, padding);
                return graph.Concatenate(2, [.. Enumerable.Range(0, KernelSize).Select(tap => Shifted(padded, padding, padding - ((long)tap * dilation)))]);
            }
        }

        return graph.Slice(hidden!, 2, HiddenSize, Units);

        // With zeros before the first step, and without as many of the last steps as it is late.
        OnnxValue Padded(OnnxValue values, long padding) =>
            padding == 0 ? values : graph.Node("Pad", [values, graph.Integers(padding, 0, 0, 0, 0, 0)]);

        OnnxValue Shifted(OnnxValue padded, long padding, long late) =>
            padding == 0 ? padded : graph.Slice(padded, 0, padding - late, late == 0 ? long.MaxValue : -late);
    }

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        (int inputs, int steps) = (input.Channels, input.Height);
        plan.Add(Apply(input).Values, WorkingValues(input), () =>
        {
            ISeriesKernel kernel = SeriesKernel(weight);
            var single = new PackedSequences([steps]);
            return (rows, count, outputs) =>
            {
                using Scratch series = new(checked(steps * inputs)), given = new(checked(steps * OutputSize));
                for (int row = 0; row < count; row++)
                {
                    Transposition.Run(rows, row * inputs * steps, steps, inputs, steps, series.Span, 0, inputs);
                    kernel.RunSeries(single, series.Span, given.Span);
                    Transposition.Run(given.Span, 0, OutputSize, steps, OutputSize, outputs, row * OutputSize * steps, steps);
                }
            };
        });
    }

    public ISeriesKernel SeriesKernel(WeightOf<float[]> weight) => new Kernel(this, weight);

    // The taps of each step side by side, (T · B, k · I).
    private Tensor Taps(Tensor values, int dilation, Tensor? before) => cat(
        [.. Enumerable.Range(0, KernelSize).Select(tap => Shifted(values, (KernelSize - 1 - tap) * (long)dilation, before))], 2).flatten(0, 1);

    // (T, B, I) as it was some steps ago; before the first step it is what it is given, or zeros.
    private static Tensor Shifted(Tensor values, long late, Tensor? before)
    {
        long steps = values.shape[0], kept = Math.Max(0, steps - late);
        if (late == 0)
            return values;
        long[] shape = [steps - kept, values.shape[1], values.shape[2]];
        Tensor earlier = before is null ? values.new_zeros(shape) : before.unsqueeze(0).expand(shape);
        return cat([earlier, values.narrow(0, 0, kept)], 0);
    }

    /// <summary>The levels as matrix products over all times of a level that the output depends on.</summary>
    private sealed class Kernel : ISeriesKernel
    {
        private readonly Trellis _layer;
        private readonly int _inputs;
        private readonly FusedDense _input;
        private readonly FusedDense _recurrent;
        private readonly int[] _dilations;
        private TrellisTimes? _times;

        public Kernel(Trellis layer, WeightOf<float[]> weight)
        {
            float[] bias = weight("bias"), input = weight("input");
            (_layer, _inputs) = (layer, input.Length / bias.Length / layer.KernelSize);
            (_input, _recurrent) = (FusedDense.OfColumns(input, bias), FusedDense.OfColumns(weight("recurrent"), new float[bias.Length]));
            _dilations = layer.OwnDilations();
        }

        private int Stride => _input.OutputStride;

        public void RunSeries(PackedSequences series, ReadOnlySpan<float> input, Span<float> output)
        {
            int size = _layer.OutputSize;
            for (int row = 0; row < series.Lengths.Length; row++)
            {
                int steps = series.Lengths[row];
                using var hidden = new Scratch(checked(steps * _layer.Units));
                Run(series, row, steps, isLast: false, input, hidden.Span);
                for (int step = 0; step < steps; step++)
                    hidden.Span.Slice((step * _layer.Units) + _layer.HiddenSize, size).CopyTo(output[((series.Offset(step) + row) * size)..]);
            }
        }

        public void RunToLast(PackedSequences series, ReadOnlySpan<float> input, Span<float> last)
        {
            int size = _layer.OutputSize;
            using var hidden = new Scratch(_layer.Units);
            for (int row = 0; row < series.Lengths.Length; row++)
            {
                // What came before the receptive field changes nothing.
                Run(series, row, (int)Math.Min(series.Lengths[row], _layer.ReceptiveField), isLast: true, input, hidden.Span);
                hidden.Span.Slice(_layer.HiddenSize, size).CopyTo(last[(row * size)..]);
            }
        }

        public SeriesState ZeroState(int rows, int steps) => new TrellisState(_layer, _inputs, rows, steps);

        public void Step(SeriesState state, int rows, ReadOnlySpan<float> input, Span<float> output)
        {
            var own = (TrellisState)state;
            int units = _layer.Units, taps = _layer.KernelSize, gates = 4 * units;
            using Scratch injections = new(checked(_dilations.Length * rows * Stride)), product = new(checked(rows * Stride));
            using Scratch read = new(checked(rows * taps * Math.Max(units, _inputs))), last = new(checked(2 * rows * units));
            own.Begin(input, rows);
            for (int i = 0; i < _dilations.Length; i++)
            {
                own.Inputs.Taps(own.Time, _dilations[i], taps, rows, read.Span);
                _input.Run(read.Span, taps * _inputs, rows, injections.Span[(i * rows * Stride)..]);
            }

            for (int level = 0; level < _layer.Levels; level++)
            {
                int dilation = _layer.Dilation(level);
                bool isLast = level == _layer.Levels - 1;
                Span<float> hidden = isLast ? last.Span : own.Hidden[level].Now(own.Time);
                Span<float> cells = isLast ? last.Span[(rows * units)..] : own.Cells[level].Now(own.Time);
                ReadOnlySpan<float> injected = injections.Span[(Array.IndexOf(_dilations, dilation) * rows * Stride)..];
                if (level > 0)
                {
                    own.Hidden[level - 1].Taps(own.Time, dilation, taps, rows, read.Span);
                    _recurrent.Run(read.Span, taps * units, rows, product.Span);
                }

                for (int row = 0; row < rows; row++)
                {
                    Span<float> all = product.Span.Slice(row * Stride, gates), cell = cells.Slice(row * units, units);
                    ReadOnlySpan<float> added = injected.Slice(row * Stride, gates);
                    if (level > 0)
                    {
                        TensorPrimitives.Add(all, added, all);
                        own.Cells[level - 1].Read(own.Time - dilation, row, cell);
                    }
                    else
                    {
                        added.CopyTo(all);
                        cell.Clear();
                    }

                    RecurrentKernel.Compute(default(Cell), all, cell, hidden.Slice(row * units, units));
                }
            }

            for (int row = 0; row < rows; row++)
                last.Span.Slice((row * units) + _layer.HiddenSize, _layer.OutputSize).CopyTo(output[(row * _layer.OutputSize)..]);
        }

        // The last steps of a series; h of the last level at its times.
        private void Run(PackedSequences series, int row, int steps, bool isLast, ReadOnlySpan<float> input, Span<float> result)
        {
            using var own = new Scratch(checked(steps * _inputs));
            for (int step = 0; step < steps; step++)
            {
                int place = series.Offset(series.Lengths[row] - steps + step) + row;
                input.Slice(place * _inputs, _inputs).CopyTo(own.Span[(step * _inputs)..]);
            }

            TrellisTimes? times = _times;
            if (times is null || times.Steps != steps || times.IsLast != isLast)
                _times = times = new(_layer, steps, isLast);
            Run(times, own.Span, result);
        }

        private void Run(TrellisTimes times, ReadOnlySpan<float> input, Span<float> result)
        {
            int units = _layer.Units, taps = _layer.KernelSize, gates = 4 * units, most = checked(times.Levels[0].Count * units);
            using Scratch first = new(most), second = new(most), third = new(most), fourth = new(most), injections = new(checked(times.Injected * Stride));
            using Scratch read = new(checked(BlockRows * taps * Math.Max(units, _inputs))), product = new(checked(BlockRows * Stride));
            Span<float> hiddenBelow = first.Span, cellsBelow = second.Span, hidden = third.Span, cells = fourth.Span;
            foreach (TrellisTimes.Level level in times.Levels)
            {
                Span<float> injected = injections.Span[(level.Injection * Stride)..];
                for (int start = 0; start < level.Count; start += BlockRows)
                {
                    int count = Math.Min(BlockRows, level.Count - start);
                    if (level.InputTaps.Length > 0)
                    {
                        Gather(input, _inputs, level.InputTaps.AsSpan(start * taps, count * taps), read.Span);
                        _input.Run(read.Span, taps * _inputs, count, injected[(start * Stride)..]);
                    }

                    if (level.Taps.Length > 0)
                    {
                        Gather(hiddenBelow, units, level.Taps.AsSpan(start * taps, count * taps), read.Span);
                        _recurrent.Run(read.Span, taps * units, count, product.Span);
                    }

                    for (int place = 0; place < count; place++)
                    {
                        Span<float> all = product.Span.Slice(place * Stride, gates), cell = cells.Slice((start + place) * units, units);
                        ReadOnlySpan<float> added = injected.Slice(level.Places[start + place] * Stride, gates);
                        if (level.Taps.Length > 0)
                        {
                            TensorPrimitives.Add(all, added, all);
                            // The tap before the last one is the step whose cell is kept.
                            Gather(cellsBelow, units, level.Taps.AsSpan(((start + place) * taps) + taps - 2, 1), cell);
                        }
                        else
                        {
                            added.CopyTo(all);
                            cell.Clear();
                        }

                        RecurrentKernel.Compute(default(Cell), all, cell, hidden.Slice((start + place) * units, units));
                    }
                }

                Span<float> former = hiddenBelow;
                hiddenBelow = hidden;
                hidden = former;
                former = cellsBelow;
                cellsBelow = cells;
                cells = former;
            }

            hiddenBelow[..(times.Levels[^1].Count * units)].CopyTo(result);
        }

        // Some of the rows one after the other; zeros for -1.
        private static void Gather(ReadOnlySpan<float> rows, int size, ReadOnlySpan<int> places, Span<float> target)
        {
            for (int i = 0; i < places.Length; i++)
            {
                Span<float> own = target.Slice(i * size, size);
                if (places[i] < 0)
                    own.Clear();
                else
                    rows.Slice(places[i] * size, size).CopyTo(own);
            }
        }
    }

    // The gates are i, o, g, f.
    private readonly struct Cell : ICellFunction
    {
        public static int Gates => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TLanes>(ref float gates, nuint next, ref float cell, ref float emitted)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes inputGate = FastSigmoid.Of(TLanes.Load(in gates, 0)), outputGate = FastSigmoid.Of(TLanes.Load(in gates, next));
            TLanes candidate = FastSigmoid.Tanh(TLanes.Load(in gates, 2 * next)), forgetGate = FastSigmoid.Of(TLanes.Load(in gates, 3 * next));
            TLanes updated = TLanes.MultiplyAdd(forgetGate, TLanes.Load(in cell, 0), inputGate * candidate);
            updated.Store(ref cell, 0);
            (outputGate * FastSigmoid.Tanh(updated)).Store(ref emitted, 0);
        }
    }
}

/// <summary>At which times each level of a trellis network is computed, for a series of some length: all, or those that the last output depends on.</summary>
internal sealed class TrellisTimes
{
    /// <param name="layer">The network.</param>
    /// <param name="steps">T, the length of the series.</param>
    /// <param name="isLast">Whether the output of the last step alone is wanted.</param>
    public TrellisTimes(Trellis layer, int steps, bool isLast)
    {
        (Steps, IsLast) = (steps, isLast);
        int taps = layer.KernelSize;
        var times = new int[layer.Levels][];
        bool[] needed = new bool[steps];
        needed.AsSpan(isLast ? steps - 1 : 0).Fill(true);
        for (int level = layer.Levels - 1; level >= 0; level--)
        {
            times[level] = [.. Enumerable.Range(0, steps).Where(time => needed[time])];
            foreach (int time in times[level])
            {
                for (int tap = 1; tap < taps && level > 0 && time - ((long)tap * layer.Dilation(level)) >= 0; tap++)
                    needed[time - (tap * layer.Dilation(level))] = true;
            }
        }

        Levels = new Level[layer.Levels];
        Dictionary<int, (int First, int[] Places)> injections = [];
        int[] below = [];
        for (int level = 0; level < Levels.Length; level++)
        {
            int dilation = layer.Dilation(level);
            int[] own = times[level], places = new int[steps];
            Array.Fill(places, -1);
            for (int place = 0; place < own.Length; place++)
                places[own[place]] = place;
            bool isFirst = injections.TryAdd(dilation, (Injected, places));
            if (isFirst)
                Injected = checked(Injected + own.Length);
            (int injection, int[] injected) = injections[dilation];
            int[] from = below;
            Levels[level] = new(
                own.Length, level == 0 ? [] : Taps(time => from[time]), isFirst ? Taps(time => time) : [], injection,
                Array.ConvertAll(own, time => injected[time]));
            below = places;

            int[] Taps(Func<int, int> place) =>
            [
                .. from time in own
                   from late in Enumerable.Range(0, taps).Select(tap => (taps - 1L - tap) * dilation)
                   select time - late < 0 ? -1 : place((int)(time - late)),
            ];
        }
    }

    /// <summary>T.</summary>
    public int Steps { get; }

    /// <summary>Whether the output of the last step alone is wanted.</summary>
    public bool IsLast { get; }

    /// <summary>The levels. A level's times are among those of the levels below it.</summary>
    public Level[] Levels { get; }

    /// <summary>Times at which the input is multiplied, for all dilations together.</summary>
    public int Injected { get; }

    /// <summary>The times of a level.</summary>
    /// <param name="Count">How many there are.</param>
    /// <param name="Taps">For each of them and each tap the place among the times of the level below, -1 before the first step; empty in the first
    /// level.</param>
    /// <param name="InputTaps">For each of them and each tap the step of the input, in the first level of a dilation; else empty.</param>
    /// <param name="Injection">Where what the input adds with the level's dilation begins.</param>
    /// <param name="Places">For each of them its place there.</param>
    internal sealed record Level(int Count, int[] Taps, int[] InputTaps, int Injection, int[] Places);
}
