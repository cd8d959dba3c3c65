using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns to read numbers off an image, such as where in it something is.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 5.</para>
/// <para><b>Input.</b> Image: a vector of Single in CHW order, or an image of any size, which is resized and has values from 0 to 1. Label: a Single, or a
/// vector of Single of known length K.</para>
/// <para><b>Output.</b> Score: a Single where the label is one, so that <c>mlContext.Regression.Evaluate</c> and <c>CrossValidate</c> work on it; else a vector
/// of Single of length K. In the label's unit.</para>
/// <para><b>Loss.</b> The mean squared error of the numbers, each on a scale with mean 0 and deviation 1, and <see cref="MinibatchOptions.L2"/>.</para>
/// <para><b>Cost.</b> The rows, 4·(C·H·W + K) bytes each, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary
/// file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> The network is trained on all rows, which are read once.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows; a number is not finite or an image is missing; the loss or a weight is not finite; the GPU is missing; or the checkpoint
/// belongs to another training.
/// </exception>
public sealed class CoordinateRegressionTrainer : TechniqueEstimator<CoordinateRegressionTransformer, CoordinateRegressionOptions>
{
    private readonly TargetColumn _label;
    private readonly ImageColumn _images;

    internal CoordinateRegressionTrainer(IHostEnvironment environment, string labelColumnName, string imageColumnName, CoordinateRegressionOptions? options)
        : base(environment, options) => (_label, _images) = (new(Named(labelColumnName)), new(Named(imageColumnName), Options.ImageShape));

    private protected override IEnumerable<InputColumn> Inputs => [_images, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [RegressionColumns.Create(null, _label.Require(input).Kind == SchemaShape.Column.VectorKind.Scalar ? null : 1)];

    private protected override CoordinateRegressionTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        ImageColumn images = _images.In(input.Schema);
        CoordinateRegressionOptions options = Options.For(images.Shape);
        LayeredArchitecture architecture = options.Architecture(_label.SizeIn(input.Schema)).RequireScorable(nameof(CoordinateRegressionOptions));
        using TrainingRows rows = Read(input, images);
        using TrainingRows? validation = Validation is null ? null : Read(Validation, images);
        StandardScale scale = rows.ScaleOf(TrainingRows.Targets);
        NetworkWeights weights = new MinibatchTraining(Environment, options).Run(
            rows.Scale(TrainingRows.Targets, scale), validation?.Scale(TrainingRows.Targets, scale), device, architecture,
            (output, numbers) => torch.nn.functional.mse_loss(output, numbers));
        bool isNumber = input.Schema[_label.Name].Type is not VectorDataViewType;
        return new CoordinateRegressionTransformer(Environment, new(_images.Name, architecture, weights, scale, isNumber));
    }

    private TrainingRows Read(IDataView data, ImageColumn images) => TargetRows.Read(data, images, _label.Name, Options, Environment);
}
