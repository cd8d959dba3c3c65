using System.Numerics.Tensors;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>The mean of each channel.</summary>
[LayerKind(6)]
internal sealed record GlobalMean : ChannelPooling
{
    public override bool OwnsOutput => true;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => x.mean([2L, 3L], keepdim: true);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Node("GlobalAveragePool", [x]);

    private protected override float Pool(ReadOnlySpan<float> channel) => TensorPrimitives.Sum(channel) / channel.Length;
}
