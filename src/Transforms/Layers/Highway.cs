using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>A layer that passes as much of its input as its gate leaves: g · relu(W_t x + b_t) + (1 - g) · x with g = σ(W_c x + b_c).</summary>
/// <remarks>Srivastava, Greff and Schmidhuber, "Highway Networks", 2015, arXiv:1505.00387. The gate begins near 0.</remarks>
[LayerKind(28)]
internal sealed record Highway : Layer
{
    public override LayerForm Form => LayerForm.Rows;

    public override bool OwnsOutput => true;

    public override IEnumerable<LayerWeight> Weights(ImageShape input)
    {
        long size = input.Values;
        foreach (string part in new[] { "transform", "carry" })
        {
            yield return new($"{part}.weight", [size, size], WeightUse.Kernel, size) { First = InitialValues.Normal(Math.Sqrt(1.0 / size)) };
            yield return new($"{part}.bias", [size], WeightUse.Bias, size) { First = InitialValues.Constant(part == "carry" ? -2 : 0) };
        }
    }

    public override bool Fits(ImageShape input) => input.Values <= 1 << 20;

    public override long WorkingValues(ImageShape input) => 3 * input.Values;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass)
    {
        Tensor Part(string part) => nn.functional.linear(x, weight($"{part}.weight"), weight($"{part}.bias"));
        return lerp(x, Part("transform").relu(), Part("carry").sigmoid());
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight)
    {
        OnnxValue Part(string part) => graph.Linear(x, weight($"{part}.weight"), weight($"{part}.bias"));
        return graph.Add(x, graph.Multiply(graph.Sigmoid(Part("carry")), graph.Subtract(graph.Rectifier(Part("transform")), x)));
    }

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        int size = input.Size;
        plan.Add(size, 2L * KernelTile.Pad(size), () =>
        {
            FusedDense transform = new(weight("transform.weight"), weight("transform.bias"), rectify: true);
            FusedDense carry = new(weight("carry.weight"), weight("carry.bias"), rectify: false);
            return (rows, count, outputs) =>
            {
                using Scratch transformed = new(checked(count * transform.OutputStride)), gates = new(checked(count * carry.OutputStride));
                transform.Run(rows, size, count, transformed.Span);
                carry.Run(rows, size, count, gates.Span);
                for (int row = 0; row < count; row++)
                {
                    Span<float> gate = gates.Span.Slice(row * carry.OutputStride, size), value = transformed.Span.Slice(row * transform.OutputStride, size);
                    ReadOnlySpan<float> x = rows.AsSpan(row * size, size);
                    TensorPrimitives.Sigmoid<float>(gate, gate);
                    TensorPrimitives.Subtract(value, x, value);
                    TensorPrimitives.MultiplyAdd(gate, value, x, outputs.AsSpan(row * size, size));
                }
            };
        });
    }
}
