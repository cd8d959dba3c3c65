using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns to paint an image from two numbers that say where in it something is.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 4.</para>
/// <para><b>Input.</b> Centre: a vector of Single of length 2, (x, y) in pixels from the top left, inside the image. Image: a vector of Single of length H·W,
/// row by row: with <see cref="PaintedOutput.PixelSoftmax"/> at least 0 and not 0 throughout (one pixel, or a distribution over several); else from 0 to
/// 1.</para>
/// <para><b>Output.</b> See <see cref="CoordinatePainterTransformer"/>.</para>
/// <para><b>Loss.</b> Cross-entropy of the softmax over pixels, or the mean cross-entropy of the pixels' sigmoids, and
/// <see cref="MinibatchOptions.L2"/>.</para>
/// <para><b>Cost.</b> The rows, 4·(H·W + 2) bytes each, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary
/// file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> The network is trained on all rows, which are read once.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows; a number is not finite, a centre lies outside the image or a pixel is out of range; the loss or a weight is not finite; the GPU
/// is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class CoordinatePainterTrainer : TechniqueEstimator<CoordinatePainterTransformer, CoordinatePainterOptions>
{
    private readonly VectorColumn _centres;
    private readonly VectorColumn _images;

    internal CoordinatePainterTrainer(IHostEnvironment environment, string imageColumnName, string centreColumnName, CoordinatePainterOptions? options)
        : base(environment, options)
    {
        _images = new(Named(imageColumnName), new ImageShape(1, Options.Height, Options.Width))
        {
            Because = FormattableString.Invariant($"Height × Width = {Options.Height} × {Options.Width}"),
        };
        _centres = CoordinatePainterTransformer.CentreColumn(Named(centreColumnName));
    }

    private protected override IEnumerable<InputColumn> Inputs => [_centres, _images];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        CoordinatePainterTransformer.Columns(Options.Output, Options.Height, Options.Width);

    private protected override CoordinatePainterTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        LayeredArchitecture architecture = Options.Architecture().RequireScorable(nameof(CoordinatePainterOptions));
        using TrainingRows rows = Read(input);
        using TrainingRows? validation = Validation is null ? null : Read(Validation);
        NetworkWeights weights = new MinibatchTraining(Environment, Options).Run(
            rows, validation, device, architecture, Options.Output == PaintedOutput.PixelSoftmax ? SoftmaxLoss : SigmoidLoss);
        var settings = new CoordinatePainterTransformer.Settings(_centres.Name, Options.Height, Options.Width, Options.Output, Options.ScaleCentre);
        return new CoordinatePainterTransformer(Environment, new(settings, architecture, weights));
    }

    private static torch.Tensor SoftmaxLoss(torch.Tensor logits, torch.Tensor images) => -(images * torch.nn.functional.log_softmax(logits, 1)).sum(1).mean();

    private static torch.Tensor SigmoidLoss(torch.Tensor logits, torch.Tensor images) => torch.nn.functional.binary_cross_entropy_with_logits(logits, images);

    private TrainingRows Read(IDataView data) =>
        TargetRows.Read(data, new ImageColumn(_centres.Name, new(2, 1, 1)), _images.Name, Options, Environment, (row, centre, image) =>
        {
            if (centre[0] < 0 || centre[0] > Options.Width - 1 || centre[1] < 0 || centre[1] > Options.Height - 1)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Column '{_centres.Name}' must lie inside the image of {Options.Width} × {Options.Height} pixels, ") +
                    FormattableString.Invariant($"but is ({centre[0]}, {centre[1]}) in row {row}."));
            }

            CheckImage(image, row);
            if (Options.ScaleCentre)
                CentreReader.Scale(centre, Options.Height, Options.Width);
        });

    private void CheckImage(Span<float> image, int row)
    {
        float least = System.Numerics.Tensors.TensorPrimitives.Min<float>(image), most = System.Numerics.Tensors.TensorPrimitives.Max<float>(image);
        if (Options.Output != PaintedOutput.PixelSoftmax)
        {
            if (least < 0 || most > 1)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Column '{_images.Name}' must have values from 0 to 1, but has {(least < 0 ? least : most)} in row {row}."));
            }

            return;
        }

        float sum = System.Numerics.Tensors.TensorPrimitives.Sum<float>(image);
        if (least < 0 || sum <= 0 || !float.IsFinite(sum))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"Column '{_images.Name}' must have values of at least 0 with a sum above 0, but the least is {least} and the sum {sum} in row {row}."));
        }

        System.Numerics.Tensors.TensorPrimitives.Divide(image, sum, image);
    }
}
