using System.Numerics.Tensors;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>Each value, or a part of it where it is negative: Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", ICML
/// 2013.</summary>
/// <param name="Slope">The part; from 0 to 1.</param>
[LayerKind(14)]
internal sealed record LeakyRectifier(double Slope = 0.01) : Elementwise
{
    public override bool Fits(ImageShape input) => Slope is >= 0 and <= 1;

    private protected override Tensor Of(Tensor x) => TorchSharp.torch.nn.functional.leaky_relu(x, Slope);

    private protected override OnnxValue Of(OnnxGraph graph, OnnxValue x) => graph.Node("LeakyRelu", [x], ("alpha", (float)Slope));

    private protected override void Of(ReadOnlySpan<float> values, Span<float> output)
    {
        TensorPrimitives.Multiply(values, (float)Slope, output);
        TensorPrimitives.Max(values, output, output);
    }
}
