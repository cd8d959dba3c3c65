using System.Text.Json.Serialization;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>The states of a recurrent layer's directions for B sequences. Where a cell keeps nothing that it does not put out, both are the same.</summary>
/// <param name="Hidden">(D, B, P): what it puts out.</param>
/// <param name="Cell">(D, B, C).</param>
internal sealed record RecurrentState(Tensor Hidden, Tensor Cell);

/// <summary>
/// A layer that reads a sequence step by step and hands on a state: (I, T, 1) becomes (D · P, T, 1). What a kind of cell does in one step stands in the file of
/// that kind.
/// </summary>
/// <param name="Directions">D: 1, or 2 for one that reads forward and one that reads backward.</param>
/// <param name="Units">C, the length of a direction's state.</param>
internal abstract record Recurrent(int Directions, int Units) : Layer, ISeriesLayer
{
    /// <summary>P, the length of a direction's output.</summary>
    [JsonIgnore]
    public virtual int OutputSize => Units;

    public override bool OwnsOutput => true;

    /// <summary>Parts of C columns in the weights.</summary>
    private protected abstract int Gates { get; }

    /// <summary>Whether there is a state that is not put out.</summary>
    private protected virtual bool HasCell => false;

    /// <summary>The weights of a layer that is given vectors of I values: matrices as (D, from, to).</summary>
    public virtual IEnumerable<LayerWeight> Weights(int inputs)
    {
        long columns = (long)Gates * Units;
        Func<long[], Tensor> first = InitialValues.Glorot(inputs + (long)OutputSize, columns);
        yield return new("input", [Directions, inputs, columns], WeightUse.Kernel, inputs) { First = first };
        yield return new("recurrent", [Directions, OutputSize, columns], WeightUse.Kernel, OutputSize) { First = first };
        yield return new("bias", [Directions, 1, columns], WeightUse.Bias) { First = FirstBias };
    }

    /// <summary>Values that the kernels need for the gates of a direction, with padding.</summary>
    public long KernelValues() => RecurrentKernel.BlockRows * 2L * KernelTile.Pad(Gates * Units);

    public override ImageShape Apply(ImageShape input) => new(Directions * OutputSize, input.Height, 1);

    public sealed override IEnumerable<LayerWeight> Weights(ImageShape input) => Weights(input.Channels);

    public override bool Fits(ImageShape input) => input.Width == 1 && Directions is 1 or 2 && Units is >= 1 and <= 1 << 16;

    public override long WorkingValues(ImageShape input) => Directions * (long)input.Height * (input.Channels + ((Gates + 2L) * Units) + OutputSize);

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass)
    {
        Tensor steps = x.squeeze(3).permute(2, 0, 1);  // (B, I, T, 1) -> (T, B, I)
        Tensor window = Directions == 1 ? steps.unsqueeze(0) : stack([steps, steps.flip(0)], 0);
        (Tensor outputs, _) = Run(window, ZeroState(window), weight, pass.Places is { } places ? Kept(places.t(), window) : null);
        Tensor joined = Directions == 1 ? outputs[0] : cat([outputs[0], outputs[1].flip(0)], 2);
        return joined.permute(1, 2, 0).unsqueeze(3);
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight)
    {
        OnnxValue steps = graph.Transpose(graph.Squeeze(x, 3), 2, 0, 1), lengths = graph.Expand(graph.Integers(input.Height), graph.Length(x, 0));
        return graph.Unsqueeze(graph.Transpose(SequencesToOnnx(graph, steps, lengths, weight), 1, 2, 0), 3);
    }

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        (int inputs, int steps, int size) = (input.Channels, input.Height, OutputSize);
        plan.Add(Apply(input).Values, (2L * steps * (inputs + size)) + KernelValues(), () =>
        {
            RecurrentKernel[] kernels = [.. Enumerable.Range(0, Directions).Select(direction => Kernel(weight, direction))];
            return (rows, count, outputs) =>
            {
                var sequences = new PackedSequences([.. Enumerable.Repeat(steps, count)]);
                using Scratch packed = new(checked(count * steps * inputs)), given = new(checked(count * steps * size));
                for (int direction = 0; direction < kernels.Length; direction++)
                {
                    // Backward, the last step comes first.
                    (int first, int forward) = direction == 0 ? (0, 1) : (steps - 1, -1);
                    for (int row = 0; row < count; row++)
                    {
                        Transposition.Run(
                            rows, row * inputs * steps, steps, inputs, steps, packed.Span, ((first * count) + row) * inputs, forward * count * inputs);
                    }

                    kernels[direction].Run(sequences, packed.Span, given.Span);
                    for (int row = 0; row < count; row++)
                    {
                        Transposition.Run(
                            given.Span, ((first * count) + row) * size, forward * count * size, steps, size, outputs,
                            ((row * kernels.Length) + direction) * size * steps, steps);
                    }
                }
            };
        });
    }

    /// <summary>The state before a sequence: zeros.</summary>
    /// <param name="window">(D, T, B, I): what will be read.</param>
    public RecurrentState ZeroState(Tensor window) =>
        new(window.new_zeros([Directions, window.shape[2], OutputSize]), window.new_zeros([Directions, window.shape[2], Units]));

    /// <summary>Runs over a window.</summary>
    /// <param name="window">(D, T, B, I), for each direction in its order.</param>
    /// <param name="state">The state before it.</param>
    /// <param name="weight">The layer's weights.</param>
    /// <param name="kept">(D, T, B, 1): 0 where a sequence begins, which is then from zero states, and 1 elsewhere; null if none begins.</param>
    /// <returns>The outputs (D, T, B, P) and the state after it.</returns>
    public (Tensor Outputs, RecurrentState State) Run(Tensor window, RecurrentState state, WeightOf<Tensor> weight, Tensor? kept = null)
    {
        Tensor[] inputs = InputGates(window, weight);
        Tensor[]? keep = kept?.unbind(1);
        Func<Tensor, RecurrentState, RecurrentState> step = Step(weight);
        var outputs = new Tensor[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            state = step(inputs[i], keep is null ? state : new(state.Hidden * keep[i], state.Cell * keep[i]));
            outputs[i] = state.Hidden;
        }

        return (stack(outputs, 1), state);
    }

    bool ISeriesLayer.FitsSeries(int inputs) => Directions == 1 && Fits(new(inputs, 1, 1));

    long ISeriesLayer.ValuesOfAStep(int inputs) => 0;

    long ISeriesLayer.WorkOfAStep(int inputs) => Weights(inputs).Sum(weight => weight.Shape.Aggregate(1L, (product, length) => product * length));

    long ISeriesLayer.ValuesOfAState(int inputs, long steps) => KernelTile.Pad(OutputSize) + (long)Units;

    Tensor ISeriesLayer.RunSeries(Tensor series, WeightOf<Tensor> weight)
    {
        Tensor window = series.unsqueeze(0);
        return Run(window, ZeroState(window), weight).Outputs[0];
    }

    OnnxValue ISeriesLayer.SeriesToOnnx(OnnxGraph graph, OnnxValue series, OnnxValue lengths, WeightOf<OnnxValue> weight) =>
        SequencesToOnnx(graph, series, lengths, weight);

    ISeriesKernel ISeriesLayer.SeriesKernel(WeightOf<float[]> weight) => Kernel(weight, 0);

    /// <summary>What a window's inputs add to the gates, for all steps at once.</summary>
    /// <param name="window">(D, T, B, I).</param>
    /// <param name="weight">The layer's weights.</param>
    /// <returns>(D, B, gates) for each step.</returns>
    public Tensor[] InputGates(Tensor window, WeightOf<Tensor> weight)
    {
        long steps = window.shape[1], sequences = window.shape[2];
        Tensor gates = baddbmm(window.reshape(Directions, steps * sequences, -1), weight("input"), weight("bias"), 1, 1);
        return gates.view(Directions, steps, sequences, -1).unbind(1);
    }

    /// <summary>What a step does: from what the inputs add to the gates, (D, B, gates), and the state before it to the state after it.</summary>
    /// <param name="weight">The layer's weights.</param>
    public abstract Func<Tensor, RecurrentState, RecurrentState> Step(WeightOf<Tensor> weight);

    /// <summary>The same in a graph.</summary>
    /// <param name="graph">The graph of a step.</param>
    /// <param name="gates">What the inputs add to the gates, (D, B, gates).</param>
    /// <param name="states">What is put out and, where there is such a state, what is not.</param>
    /// <param name="weight">The layer's weights.</param>
    private protected abstract OnnxValue[] Step(OnnxGraph graph, OnnxValue gates, OnnxValue[] states, WeightOf<OnnxValue> weight);

    /// <summary>Adds the layer to a graph, each direction with sequences of its own, step by step.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="sequences">(D, T, B, I), for each direction in its order.</param>
    /// <param name="weight">The layer's weights.</param>
    /// <returns>(D, T, B, P). What stands behind the end of a sequence has no meaning.</returns>
    public OnnxValue DirectionsToOnnx(OnnxGraph graph, OnnxValue sequences, WeightOf<OnnxValue> weight)
    {
        // (D, T, B, I) x (D, 1, I, gates) -> (D, T, B, gates)
        OnnxValue gates = graph.Add(graph.MatrixProduct(sequences, graph.Unsqueeze(weight("input"), 1)), graph.Unsqueeze(weight("bias"), 1));
        OnnxValue rows = graph.Length(sequences, 2), zero = graph.Number(0);
        int[] sizes = HasCell ? [OutputSize, Units] : [OutputSize];
        OnnxValue[] states = [.. sizes.Select(size => graph.Expand(zero, graph.Concatenate(0, graph.Integers(Directions), rows, graph.Integers(size))))];
        OnnxDimension[][] shapes = [.. sizes.Select(size => new OnnxDimension[] { Directions, OnnxGraph.Batch, size })];
        return graph.Scan(states, shapes, gates, axis: 1, (body, before, now) => Step(body, now, before, weight));
    }

    /// <summary>Adds the layer to a graph, all directions over the same sequences.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="sequences">(T, B, I).</param>
    /// <param name="lengths">The lengths of the sequences, Int64 (B).</param>
    /// <param name="weight">The layer's weights.</param>
    /// <returns>(T, B, D · P), forward and backward. What stands behind the end of a sequence has no meaning.</returns>
    public OnnxValue SequencesToOnnx(OnnxGraph graph, OnnxValue sequences, OnnxValue lengths, WeightOf<OnnxValue> weight)
    {
        if (Operator(graph, weight) is var (name, weights, attributes))
        {
            // (T, D, B, C)
            OnnxValue outputs = graph.Node(name, [sequences, .. weights, graph.Convert(lengths, OnnxType.Int32)],
                [("hidden_size", (long)Units), ("direction", Directions == 1 ? "forward" : "bidirectional"), .. attributes]);
            return graph.Reshape(graph.Transpose(outputs, 0, 2, 1, 3), 0, 0, (long)Directions * Units);
        }

        OnnxValue forward = graph.Unsqueeze(sequences, 0);
        OnnxValue both = DirectionsToOnnx(
            graph, Directions == 1 ? forward : graph.Concatenate(0, forward, graph.Unsqueeze(Reverse(graph, sequences, lengths), 0)), weight);
        OnnxValue[] each =
        [
            .. Enumerable.Range(0, Directions).Select(direction => graph.Squeeze(graph.Slice(both, axis: 0, start: direction, end: direction + 1), 0)),
        ];
        return Directions == 1 ? each[0] : graph.Concatenate(2, each[0], Reverse(graph, each[1], lengths));
    }

    /// <summary>Each sequence in reverse, by its own length; twice gives what there was.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="sequences">(T, B, I).</param>
    /// <param name="lengths">The lengths, Int64 (B).</param>
    public static OnnxValue Reverse(OnnxGraph graph, OnnxValue sequences, OnnxValue lengths) =>
        graph.Node("ReverseSequence", [sequences, lengths], ("time_axis", 0L), ("batch_axis", 1L));

    /// <summary>The format's own operator for the layer, its weights in the order and form that it wants; null if it has none.</summary>
    private protected virtual (string Name, OnnxValue[] Weights, (string Name, object Value)[] Attributes)? Operator(
        OnnxGraph graph, WeightOf<OnnxValue> weight) => null;

    /// <summary>
    /// The weights as the format's operators want them: matrices as (D, to, from), and biases of the input before those of the state, which are zeros.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weight">The layer's weights.</param>
    /// <param name="gates">The gates in the operator's order.</param>
    private protected OnnxValue[] Weights(OnnxGraph graph, WeightOf<OnnxValue> weight, params int[] gates)
    {
        OnnxValue biases = graph.Squeeze(Ordered("bias"), 1);
        return
        [
            graph.Transpose(Ordered("input"), 0, 2, 1),
            graph.Transpose(Ordered("recurrent"), 0, 2, 1),
            graph.Concatenate(1, biases, graph.Multiply(biases, graph.Number(0))),
        ];

        OnnxValue Ordered(string name) => graph.Concatenate(2, [.. gates.Select(gate => Columns(graph, weight(name), 2, gate, 1))]);
    }

    /// <summary>What computes a direction of the layer on a CPU.</summary>
    /// <param name="weight">The layer's weights.</param>
    /// <param name="direction">From 0.</param>
    public RecurrentKernel Kernel(WeightOf<float[]> weight, int direction) => Kernel(name =>
    {
        float[] values = weight(name);
        int length = values.Length / Directions;
        return Directions == 1 ? values : values[(direction * length)..((direction + 1) * length)];
    });

    /// <summary>The same, given the weights of the direction.</summary>
    private protected abstract RecurrentKernel Kernel(WeightOf<float[]> weight);

    /// <summary>The first biases, (D, 1, gates).</summary>
    private protected virtual Tensor FirstBias(long[] shape) => zeros(shape);

    /// <summary>A part of the columns of a weight in a graph: (…, parts · C) -> (…, count · C).</summary>
    private protected OnnxValue Columns(OnnxGraph graph, OnnxValue values, long axis, int first, int count) =>
        graph.Slice(values, axis, (long)first * Units, ((long)first + count) * Units);

    // 0 in the step after a place that is not a sequence's own.
    private Tensor Kept(Tensor places, Tensor window)
    {
        Tensor Before(Tensor own) => cat([own.narrow(0, 0, 1), own.narrow(0, 0, own.shape[0] - 1)], 0);  // (T, B)
        Tensor kept = Directions == 1 ? Before(places).unsqueeze(0) : stack([Before(places), Before(places.flip(0))], 0);
        return kept.to(window.dtype).unsqueeze(3);
    }
}
