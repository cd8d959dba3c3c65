using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>A cell with a forget gate alone: h = σ(s) · h + (1 - σ(s - β)) · tanh(W x + U h + b), s being what the gate makes of x and h.</summary>
/// <remarks>
/// Van der Westhuizen and Lasenby, "The unreasonable effectiveness of the forget gate", 2018, arXiv:1804.04849. The columns of the weights are forget gate,
/// candidate.
/// </remarks>
/// <param name="Directions">D.</param>
/// <param name="Units">C.</param>
/// <param name="Beta">β: how much more is let in than is forgotten, from 0.</param>
[LayerKind(27)]
internal sealed record Janet(int Directions, int Units, double Beta = 1) : Recurrent(Directions, Units)
{
    private protected override int Gates => 2;

    public override bool Fits(ImageShape input) => base.Fits(input) && Beta >= 0 && double.IsFinite(Beta);

    public override Func<Tensor, RecurrentState, RecurrentState> Step(WeightOf<Tensor> weight)
    {
        Tensor recurrent = weight("recurrent");
        return (inputGates, state) =>
        {
            Tensor[] parts = baddbmm(state.Hidden, recurrent, inputGates, 1, 1).chunk(2, 2);
            Tensor letIn = parts[0].Plus(-Beta).neg().sigmoid();  // 1 - σ(s - β)
            Tensor hidden = (parts[0].sigmoid() * state.Hidden) + (letIn * parts[1].tanh());
            return new(hidden, hidden);
        };
    }

    private protected override OnnxValue[] Step(OnnxGraph graph, OnnxValue gates, OnnxValue[] states, WeightOf<OnnxValue> weight)
    {
        OnnxValue all = graph.Add(gates, graph.MatrixProduct(states[0], weight("recurrent")));
        OnnxValue gate = Columns(graph, all, 2, 0, 1), candidate = graph.Tanh(Columns(graph, all, 2, 1, 1));
        OnnxValue letIn = graph.Sigmoid(graph.Subtract(graph.Number((float)Beta), gate));
        return [graph.Add(graph.Multiply(graph.Sigmoid(gate), states[0]), graph.Multiply(letIn, candidate))];
    }

    private protected override RecurrentKernel Kernel(WeightOf<float[]> weight) => new JanetKernel(this, weight);

    // So that cells remember from the start.
    private protected override Tensor FirstBias(long[] shape)
    {
        Tensor bias = zeros(shape);
        using Scalar one = 1;
        bias.narrow(2, 0, Units).fill_(one);
        return bias;
    }

    private sealed class JanetKernel : RecurrentKernel
    {
        private readonly FusedDense _recurrent;
        private readonly Cell _cell;

        public JanetKernel(Janet layer, WeightOf<float[]> weight)
            : base(layer, weight) => (_recurrent, _cell) = (FusedDense.OfColumns(weight("recurrent"), new float[2 * layer.Units]), new((float)layer.Beta));

        public override void Step(int rows, Span<float> gates, Span<float> hidden, Span<float> cells, bool isFirst)
        {
            using var recurrent = new Scratch(checked(rows * GateStride));
            if (!isFirst)
                _recurrent.Run(hidden, Units, rows, recurrent.Span);
            for (int row = 0; row < rows; row++)
            {
                Span<float> own = gates.Slice(row * GateStride, 2 * Units);
                if (!isFirst)
                    TensorPrimitives.Add(own, recurrent.Span.Slice(row * GateStride, 2 * Units), own);
                Compute(_cell, own, cells.Slice(row * Units, Units), hidden.Slice(row * Units, Units));
            }
        }
    }

    private readonly struct Cell(float beta) : ICellFunction
    {
        public static int Gates => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TLanes>(ref float gates, nuint next, ref float cell, ref float emitted)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes gate = TLanes.Load(in gates, 0), letIn = FastSigmoid.Of(TLanes.Broadcast(beta) - gate);
            TLanes updated = TLanes.MultiplyAdd(FastSigmoid.Of(gate), TLanes.Load(in cell, 0), letIn * FastSigmoid.Tanh(TLanes.Load(in gates, next)));
            updated.Store(ref cell, 0);
            updated.Store(ref emitted, 0);
        }
    }
}
