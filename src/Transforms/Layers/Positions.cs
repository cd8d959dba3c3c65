using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>Adds a vector to each place of a sequence (C, T, 1): learned, or sines and cosines (Vaswani et al., "Attention Is All You Need", NIPS 2017, section
/// 3.5).</summary>
/// <param name="AreLearned">Whether they are learned.</param>
[LayerKind(23)]
internal sealed record Positions(bool AreLearned) : Layer
{
    public override bool OwnsOutput => true;

    public override IEnumerable<LayerWeight> Weights(ImageShape input)
    {
        long[] shape = [1, input.Channels, input.Height, input.Width];
        yield return AreLearned
            ? new("weight", shape, WeightUse.Kernel, input.Channels)
            : new("weight", shape, WeightUse.Constant) { Constant = () => Waves(input) };
    }

    public override bool Fits(ImageShape input) => input.Width == 1;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => x + weight("weight");

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Add(x, AreLearned ? weight("weight") : graph.Weight("positions", [1, input.Channels, input.Height, 1], () => Waves(input)));

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Add(new RowStep(input.Values, () =>
    {
        float[] positions = AreLearned ? weight("weight") : Waves(input);
        return (row, output, _) => TensorPrimitives.Add(row, positions, output);
    }, PackedValues: AreLearned ? 0 : input.Values));

    // PE(p, 2i) = sin(p / 10000^(2i / C)), PE(p, 2i + 1) the cosine.
    private static float[] Waves(ImageShape input)
    {
        float[] waves = new float[input.Values];
        for (int channel = 0; channel < input.Channels; channel++)
        {
            double rate = Math.Pow(10_000, -(double)(channel / 2 * 2) / input.Channels);
            for (int place = 0; place < input.Height; place++)
                waves[(channel * input.Height) + place] = (float)(channel % 2 == 0 ? Math.Sin(place * rate) : Math.Cos(place * rate));
        }

        return waves;
    }
}
