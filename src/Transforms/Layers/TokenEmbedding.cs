using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A vector for each token of a sequence: (1, T, 1) whole numbers from 0 become (C, T, 1). Numbers beyond the table have its first or last
/// vector.</summary>
/// <param name="Tokens">How many tokens there are.</param>
/// <param name="Channels">Length of a vector.</param>
[LayerKind(22)]
internal sealed record TokenEmbedding(int Tokens, int Channels) : Layer
{
    public override ImageShape Apply(ImageShape input) => input with { Channels = Channels };

    public override IEnumerable<LayerWeight> Weights(ImageShape input) => [new("weight", [Tokens, Channels], WeightUse.Kernel, Channels)];

    public override bool Fits(ImageShape input) => input is { Channels: 1, Width: 1 } && Tokens is >= 1 and <= 1 << 24 && Channels is >= 1 and <= 1 << 16;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass)
    {
        using Scalar first = 0, last = Tokens - 1;
        Tensor tokens = x.flatten().clamp(first, last).to(ScalarType.Int64);  // (B, 1, T, 1) -> (B · T)
        return weight("weight").index_select(0, tokens).view(-1, input.Height, Channels).transpose(1, 2).unsqueeze(-1);  // -> (B, C, T, 1)
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight)
    {
        OnnxValue tokens = graph.Convert(graph.Node("Clip", [graph.Reshape(x, 0, input.Height), graph.Number(0), graph.Number(Tokens - 1)]), OnnxType.Int64);
        return graph.Unsqueeze(graph.Transpose(graph.Node("Gather", [weight("weight"), tokens]), 0, 2, 1), 3);
    }

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Add(new RowStep(Apply(input).Values, () =>
    {
        float[] vectors = weight("weight");
        return (row, output, _) =>
        {
            for (int place = 0; place < row.Length; place++)
            {
                int token = (int)Math.Clamp(row[place], 0, Tokens - 1);
                for (int channel = 0; channel < Channels; channel++)
                    output[(channel * row.Length) + place] = vectors[(token * Channels) + channel];
            }
        };
    }));
}
