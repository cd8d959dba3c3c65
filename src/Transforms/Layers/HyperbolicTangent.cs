using System.Numerics.Tensors;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>The hyperbolic tangent of each value.</summary>
[LayerKind(15)]
internal sealed record HyperbolicTangent : Elementwise
{
    private protected override Tensor Of(Tensor x) => x.tanh();

    private protected override OnnxValue Of(OnnxGraph graph, OnnxValue x) => graph.Tanh(x);

    private protected override void Of(ReadOnlySpan<float> values, Span<float> output) => TensorPrimitives.Tanh(values, output);
}
