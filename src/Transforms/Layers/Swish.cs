using System.Numerics.Tensors;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>x / (1 + e^-x) of each value: Ramachandran, Zoph and Le 2017, arXiv:1710.05941, with β = 1.</summary>
[LayerKind(17)]
internal sealed record Swish : Elementwise
{
    private protected override Tensor Of(Tensor x) => x * x.sigmoid();

    private protected override OnnxValue Of(OnnxGraph graph, OnnxValue x) => graph.Multiply(x, graph.Sigmoid(x));

    private protected override void Of(ReadOnlySpan<float> values, Span<float> output)
    {
        TensorPrimitives.Sigmoid(values, output);
        TensorPrimitives.Multiply(values, output, output);
    }
}
