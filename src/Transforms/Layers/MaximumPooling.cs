using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>The maximum over 2 × 2 pixels; an odd last row or column is left out.</summary>
[LayerKind(4)]
internal sealed record MaximumPooling : Layer
{
    public override bool OwnsOutput => true;

    public override ImageShape Apply(ImageShape input) => input with { Height = input.Height / 2, Width = input.Width / 2 };

    public override bool Fits(ImageShape input) => input.Height >= 2 && input.Width >= 2;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => nn.functional.max_pool2d(x, 2);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.MaximumPooling(x);

    public override bool Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) =>
        plan.Maximize() || plan.Add(Apply(input).Values, (row, output) => Pool(input, row, output));

    private static void Pool(ImageShape input, ReadOnlySpan<float> image, Span<float> output)
    {
        (int channels, int height, int width) = input;
        float[] taller = new float[width];
        for (int channel = 0; channel < channels; channel++)
        {
            for (int y = 0; y < height / 2; y++)
            {
                ReadOnlySpan<float> both = image.Slice(((channel * height) + (2 * y)) * width, 2 * width);
                TensorPrimitives.Max(both[..width], both[width..], taller);
                Span<float> target = output.Slice(((channel * (height / 2)) + y) * (width / 2), width / 2);
                for (int x = 0; x < target.Length; x++)
                    target[x] = MathF.Max(taller[2 * x], taller[(2 * x) + 1]);
            }
        }
    }
}
