using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>Long short-term memory: c = clip(f · c + i · u), h = o · tanh(c), which may be projected: clip(W h).</summary>
/// <remarks>
/// Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997; the projection is that of Sak, Senior and Beaufays, "Long Short-Term
/// Memory Recurrent Neural Network Architectures for Large Scale Acoustic Modeling", Interspeech 2014. The columns of the weights are input gate, forget gate,
/// output gate, candidate.
/// </remarks>
/// <param name="Directions">D.</param>
/// <param name="Units">C.</param>
/// <param name="Projection">P; 0 where the output is not projected, and P is C.</param>
/// <param name="CellClip">The greatest magnitude of a cell; 0 for no bound.</param>
/// <param name="OutputClip">The greatest magnitude of a projected output; 0 for no bound.</param>
[LayerKind(25)]
internal sealed record Lstm(int Directions, int Units, int Projection = 0, double CellClip = 0, double OutputClip = 0) : Recurrent(Directions, Units)
{
    // Held, since nothing else keeps a number alive while libtorch reads it.
    private static readonly Scalar One = 1;

    [JsonIgnore]
    public override int OutputSize => Projection > 0 ? Projection : Units;

    private protected override int Gates => 4;

    private protected override bool HasCell => true;

    public override IEnumerable<LayerWeight> Weights(int inputs) => Projection == 0 ? base.Weights(inputs) :
        [
            .. base.Weights(inputs),
            new("projection", [Directions, Units, Projection], WeightUse.Kernel, Units) { First = InitialValues.Glorot(Units, Projection) },
        ];

    public override bool Fits(ImageShape input) => base.Fits(input) && Projection is >= 0 and <= 1 << 16 && CellClip >= 0 && OutputClip >= 0
        && double.IsFinite(CellClip) && double.IsFinite(OutputClip);

    public override Func<Tensor, RecurrentState, RecurrentState> Step(WeightOf<Tensor> weight)
    {
        Tensor recurrent = weight("recurrent");
        Tensor? projection = Projection > 0 ? weight("projection") : null;
        (Scalar, Scalar) cellBounds = (-CellClip, CellClip), outputBounds = (-OutputClip, OutputClip);
        return (inputGates, state) =>
        {
            Tensor all = baddbmm(state.Hidden, recurrent, inputGates, 1, 1);  // (D, B, 4C)
            Tensor[] parts = all.split([3 * Units, Units], 2), open = parts[0].sigmoid().chunk(3, 2);
            Tensor candidate = parts[1].tanh();
            Tensor cell = Clip((open[1] * state.Cell).addcmul(open[0], candidate, One), cellBounds);
            Tensor emitted = open[2] * cell.tanh();
            return new(projection is null ? emitted : Clip(bmm(emitted, projection), outputBounds), cell);
        };

        static Tensor Clip(Tensor values, (Scalar Least, Scalar Greatest) bounds) =>
            bounds.Greatest.ToDouble() > 0 ? values.clamp(bounds.Least, bounds.Greatest) : values;
    }

    private protected override OnnxValue[] Step(OnnxGraph graph, OnnxValue gates, OnnxValue[] states, WeightOf<OnnxValue> weight)
    {
        OnnxValue all = graph.Add(gates, graph.MatrixProduct(states[0], weight("recurrent")));  // (D, B, 4C)
        OnnxValue open = graph.Sigmoid(Columns(graph, all, 2, 0, 3)), candidate = graph.Tanh(Columns(graph, all, 2, 3, 1));
        OnnxValue Gate(int gate) => Columns(graph, open, 2, gate, 1);
        OnnxValue cell = graph.Clip(graph.Add(graph.Multiply(Gate(1), states[1]), graph.Multiply(Gate(0), candidate)), CellClip);
        OnnxValue emitted = graph.Multiply(Gate(2), graph.Tanh(cell));
        return [Projection == 0 ? emitted : graph.Clip(graph.MatrixProduct(emitted, weight("projection")), OutputClip), cell];
    }

    // The operator neither projects nor clips as this layer does. Its gates are input, output, forget, candidate.
    private protected override (string Name, OnnxValue[] Weights, (string Name, object Value)[] Attributes)? Operator(
        OnnxGraph graph, WeightOf<OnnxValue> weight) =>
        Projection > 0 || CellClip > 0 ? null : ("LSTM", Weights(graph, weight, 0, 2, 1, 3), []);

    private protected override RecurrentKernel Kernel(WeightOf<float[]> weight) => new LstmKernel(this, weight);

    // So that cells remember from the start (Gers et al. 2000).
    private protected override Tensor FirstBias(long[] shape)
    {
        Tensor bias = zeros(shape);
        bias.narrow(2, Units, Units).fill_(One);
        return bias;
    }

    private sealed class LstmKernel : RecurrentKernel
    {
        private readonly FusedDense _recurrent;
        private readonly FusedDense? _projection;
        private readonly Cell _cell;
        private readonly float _outputClip;

        public LstmKernel(Lstm layer, WeightOf<float[]> weight)
            : base(layer, weight)
        {
            _recurrent = FusedDense.OfColumns(weight("recurrent"), new float[4 * layer.Units]);
            if (layer.Projection > 0)
                _projection = FusedDense.OfColumns(weight("projection"), new float[layer.Projection]);
            (_cell, _outputClip) = (new(layer.CellClip), (float)layer.OutputClip);
        }

        public override int HiddenStride => _projection?.OutputStride ?? Units;

        public override void Step(int rows, Span<float> gates, Span<float> hidden, Span<float> cells, bool isFirst)
        {
            using var recurrent = new Scratch(checked(rows * GateStride));
            using var emitted = new Scratch(rows * Units);
            if (!isFirst)
                _recurrent.Run(hidden, HiddenStride, rows, recurrent.Span);
            Span<float> emitting = _projection is null ? hidden : emitted.Span;
            for (int row = 0; row < rows; row++)
            {
                Span<float> own = gates.Slice(row * GateStride, 4 * Units);
                if (!isFirst)
                    TensorPrimitives.Add(own, recurrent.Span.Slice(row * GateStride, 4 * Units), own);
                Compute(_cell, own, cells.Slice(row * Units, Units), emitting.Slice(row * Units, Units));
            }

            if (_projection is null)
                return;
            _projection.Run(emitted.Span, Units, rows, hidden);
            if (_outputClip <= 0)
                return;
            Span<float> projected = hidden[..(rows * HiddenStride)];
            TensorPrimitives.Min(projected, _outputClip, projected);
            TensorPrimitives.Max(projected, -_outputClip, projected);
        }
    }

    // Cells are replaced by what follows them.
    private readonly struct Cell(double clip) : ICellFunction
    {
        private readonly float _bound = clip > 0 ? (float)clip : float.PositiveInfinity;

        public static int Gates => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TLanes>(ref float gates, nuint next, ref float cell, ref float emitted)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes inputGate = FastSigmoid.Of(TLanes.Load(in gates, 0)), forgetGate = FastSigmoid.Of(TLanes.Load(in gates, next));
            TLanes outputGate = FastSigmoid.Of(TLanes.Load(in gates, 2 * next)), candidate = FastSigmoid.Tanh(TLanes.Load(in gates, 3 * next));
            TLanes updated = TLanes.MultiplyAdd(forgetGate, TLanes.Load(in cell, 0), inputGate * candidate), bound = TLanes.Broadcast(_bound);
            updated = TLanes.Min(TLanes.Max(updated, TLanes.Broadcast(0) - bound), bound);
            updated.Store(ref cell, 0);
            (outputGate * FastSigmoid.Tanh(updated)).Store(ref emitted, 0);
        }
    }
}
