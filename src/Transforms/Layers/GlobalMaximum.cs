using System.Numerics.Tensors;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>The maximum of each channel.</summary>
[LayerKind(7)]
internal sealed record GlobalMaximum : ChannelPooling
{
    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => x.amax([2L, 3L], keepdim: true);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Node("GlobalMaxPool", [x]);

    private protected override float Pool(ReadOnlySpan<float> channel) => TensorPrimitives.Max(channel);
}
