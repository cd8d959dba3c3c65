using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>The gated recurrent unit: h = z · h + (1 - z) · tanh(W x + U (r · h) + b).</summary>
/// <remarks>
/// Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk and Bengio, "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine
/// Translation", EMNLP 2014, arXiv:1406.1078. The reset gate comes before the product with U, as in the paper; libtorch's and cuDNN's own unit has it behind.
/// The columns of the weights are reset gate, update gate, candidate.
/// </remarks>
/// <param name="Directions">D.</param>
/// <param name="Units">C.</param>
[LayerKind(26)]
internal sealed record Gru(int Directions, int Units) : Recurrent(Directions, Units)
{
    private protected override int Gates => 3;

    public override Func<Tensor, RecurrentState, RecurrentState> Step(WeightOf<Tensor> weight)
    {
        Tensor[] recurrent = weight("recurrent").split([2 * Units, Units], 2);
        return (inputGates, state) =>
        {
            Tensor[] given = inputGates.split([2 * Units, Units], 2);
            Tensor[] open = baddbmm(state.Hidden, recurrent[0], given[0], 1, 1).sigmoid().chunk(2, 2);
            Tensor candidate = baddbmm(open[0] * state.Hidden, recurrent[1], given[1], 1, 1).tanh();
            Tensor hidden = lerp(candidate, state.Hidden, open[1]);
            return new(hidden, hidden);
        };
    }

    private protected override OnnxValue[] Step(OnnxGraph graph, OnnxValue gates, OnnxValue[] states, WeightOf<OnnxValue> weight)
    {
        OnnxValue Recurrent(OnnxValue state, int first, int count) => graph.MatrixProduct(state, Columns(graph, weight("recurrent"), 2, first, count));
        OnnxValue open = graph.Sigmoid(graph.Add(Columns(graph, gates, 2, 0, 2), Recurrent(states[0], 0, 2)));
        OnnxValue reset = Columns(graph, open, 2, 0, 1), update = Columns(graph, open, 2, 1, 1);
        OnnxValue candidate = graph.Tanh(graph.Add(Columns(graph, gates, 2, 2, 1), Recurrent(graph.Multiply(reset, states[0]), 2, 1)));
        return [graph.Add(candidate, graph.Multiply(update, graph.Subtract(states[0], candidate)))];
    }

    // The operator's gates are update, reset, candidate.
    private protected override (string Name, OnnxValue[] Weights, (string Name, object Value)[] Attributes)? Operator(
        OnnxGraph graph, WeightOf<OnnxValue> weight) =>
        ("GRU", Weights(graph, weight, 1, 0, 2), [("linear_before_reset", 0L)]);

    private protected override RecurrentKernel Kernel(WeightOf<float[]> weight) => new GruKernel(this, weight);

    private sealed class GruKernel : RecurrentKernel
    {
        private readonly FusedDense _gates;
        private readonly FusedDense _candidate;

        public GruKernel(Gru layer, WeightOf<float[]> weight)
            : base(layer, weight)
        {
            float[] recurrent = weight("recurrent");
            _gates = FusedDense.OfColumns(Part(recurrent, layer.Units, 3, 0, 2), new float[2 * layer.Units]);
            _candidate = FusedDense.OfColumns(Part(recurrent, layer.Units, 3, 2, 1), new float[layer.Units]);
        }

        public override void Step(int rows, Span<float> gates, Span<float> hidden, Span<float> cells, bool isFirst)
        {
            using var open = new Scratch(checked(rows * _gates.OutputStride));
            using var candidates = new Scratch(checked(rows * _candidate.OutputStride));
            using var reset = new Scratch(rows * Units);
            _gates.Run(hidden, Units, rows, open.Span);
            for (int row = 0; row < rows; row++)
            {
                Span<float> own = gates.Slice(row * GateStride, 2 * Units);
                TensorPrimitives.Add(own, open.Span.Slice(row * _gates.OutputStride, 2 * Units), own);
                Compute(default(Reset), own, hidden.Slice(row * Units, Units), reset.Span.Slice(row * Units, Units));
            }

            _candidate.Run(reset.Span, Units, rows, candidates.Span);
            for (int row = 0; row < rows; row++)
            {
                Span<float> updateAndCandidate = gates.Slice((row * GateStride) + Units, 2 * Units), candidate = updateAndCandidate[Units..];
                TensorPrimitives.Add(candidate, candidates.Span.Slice(row * _candidate.OutputStride, Units), candidate);
                Compute(default(Update), updateAndCandidate, cells.Slice(row * Units, Units), hidden.Slice(row * Units, Units));
            }
        }
    }

    // r · h
    private readonly struct Reset : ICellFunction
    {
        public static int Gates => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TLanes>(ref float gates, nuint next, ref float cell, ref float emitted)
            where TLanes : struct, ILanes<TLanes> => (FastSigmoid.Of(TLanes.Load(in gates, 0)) * TLanes.Load(in cell, 0)).Store(ref emitted, 0);
    }

    private readonly struct Update : ICellFunction
    {
        public static int Gates => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TLanes>(ref float gates, nuint next, ref float cell, ref float emitted)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes candidate = FastSigmoid.Tanh(TLanes.Load(in gates, next));
            TLanes updated = TLanes.MultiplyAdd(FastSigmoid.Of(TLanes.Load(in gates, 0)), TLanes.Load(in cell, 0) - candidate, candidate);
            updated.Store(ref cell, 0);
            updated.Store(ref emitted, 0);
        }
    }
}
