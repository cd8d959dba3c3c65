using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>Each place of a sequence (C, T, 1) is a mix of the places that it attends to: Vaswani et al., "Attention Is All You Need", NIPS 2017, section
/// 3.2.</summary>
/// <param name="Heads">How many mixes there are, each of C / Heads values; divides the channels.</param>
/// <param name="IsCausal">Whether a place attends to itself and those before it alone.</param>
/// <param name="Window">The greatest distance of a place that is attended to; 0 for any.</param>
[LayerKind(24)]
internal sealed record Attention(int Heads, bool IsCausal = false, int Window = 0) : Layer
{
    public override bool OwnsOutput => true;

    private bool HasMask => IsCausal || Window > 0;

    public override IEnumerable<LayerWeight> Weights(ImageShape input)
    {
        long channels = input.Channels;
        foreach (LayerWeight weight in LayerWeight.KernelAndBias([3 * channels, channels], 3 * channels))
            yield return weight;
        foreach (LayerWeight weight in LayerWeight.KernelAndBias([channels, channels], channels))
            yield return weight with { Name = $"output.{weight.Name}" };
        if (HasMask)
            yield return new("mask", [input.Height, input.Height], WeightUse.Constant) { Constant = () => Mask(input.Height) };
    }

    public override bool Fits(ImageShape input) => input.Width == 1 && Heads >= 1 && input.Channels % Heads == 0 && Window >= 0;

    public override long WorkingValues(ImageShape input) =>
        base.WorkingValues(input) + (4 * input.Values) + ((2L * Heads * input.Height) + input.Height) * input.Height;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass)
    {
        Tensor places = x.squeeze(-1).transpose(1, 2);  // (B, C, T, 1) -> (B, T, C)
        Tensor all = nn.functional.linear(places, weight("weight"), weight("bias")).view(-1, input.Height, 3, Heads, input.Channels / Heads);
        Tensor[] parts = all.permute(2, 0, 3, 1, 4).unbind(0);  // queries, keys and values, (B, N, T, C / N) each
        Tensor? mask = HasMask ? weight("mask") : null;
        if (pass.Places is { } own)
        {
            using Scalar never = float.NegativeInfinity;
            Tensor hidden = zeros_like(own, dtype: x.dtype).masked_fill(own.logical_not(), never).view(-1, 1, 1, input.Height);
            mask = mask is null ? hidden : mask + hidden;
        }

        Tensor mixed = nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], mask);
        Tensor joined = mixed.transpose(1, 2).reshape(-1, input.Height, input.Channels);
        return nn.functional.linear(joined, weight("output.weight"), weight("output.bias")).transpose(1, 2).unsqueeze(-1);
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight)
    {
        long size = input.Channels / Heads;
        OnnxValue all = graph.Reshape(Linear(graph.Transpose(graph.Squeeze(x, 3), 0, 2, 1), ""), 0, input.Height, 3, Heads, size);
        OnnxValue[] parts = [.. Enumerable.Range(0, 3).Select(Part)];  // (B, N, T, C / N)
        OnnxValue scores = graph.Multiply(graph.MatrixProduct(parts[0], graph.Transpose(parts[1], 0, 1, 3, 2)), graph.Number(1 / MathF.Sqrt(size)));
        if (HasMask)
            scores = graph.Add(scores, graph.Weight("mask", [input.Height, input.Height], () => Mask(input.Height)));
        OnnxValue mixed = graph.Transpose(graph.MatrixProduct(graph.Softmax(scores), parts[2]), 0, 2, 1, 3);
        return graph.Unsqueeze(graph.Transpose(Linear(graph.Reshape(mixed, 0, input.Height, input.Channels), "output."), 0, 2, 1), 3);

        OnnxValue Part(int part) => graph.Transpose(graph.Squeeze(graph.Slice(all, 2, part, part + 1), 2), 0, 2, 1, 3);

        OnnxValue Linear(OnnxValue places, string name) =>
            graph.Add(graph.MatrixProduct(places, graph.Transpose(weight($"{name}weight"), 1, 0)), weight($"{name}bias"));
    }

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Add(new RowStep(
        input.Values, () => new FusedAttention(input.Channels, input.Height, Heads, IsCausal, Window, weight).Run,
        FusedAttention.WorkingValues(input.Channels, input.Height, Heads), FusedAttention.PackedValues(input.Channels, input.Height),
        input.Values * ((4.0 * input.Channels) + (2.0 * input.Height))));

    private float[] Mask(int places) => [.. from place in Enumerable.Range(0, places) from seen in Enumerable.Range(0, places)
        select (IsCausal && seen > place) || (Window > 0 && Math.Abs(seen - place) > Window) ? float.NegativeInfinity : 0];
}
