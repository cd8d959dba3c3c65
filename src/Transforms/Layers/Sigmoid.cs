using System.Numerics.Tensors;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>1 / (1 + e^-x) of each value.</summary>
[LayerKind(16)]
internal sealed record Sigmoid : Elementwise
{
    private protected override Tensor Of(Tensor x) => x.sigmoid();

    private protected override OnnxValue Of(OnnxGraph graph, OnnxValue x) => graph.Sigmoid(x);

    private protected override void Of(ReadOnlySpan<float> values, Span<float> output) => TensorPrimitives.Sigmoid(values, output);
}
