using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns to paint an image from two numbers that say where in it something is.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 4.</para>
/// <para><b>Input.</b> Centre: a vector of Single of length 2, (x, y) in pixels from the top left, inside the image. Image: a vector of Single of length H·W, row by row: with
/// <see cref="PaintedOutput.PixelSoftmax"/> at least 0 and not 0 throughout (one pixel, or a distribution over several); else from 0 to 1.</para>
/// <para><b>Output.</b> See <see cref="CoordinatePainterTransformer"/>.</para>
/// <para><b>Loss.</b> Cross-entropy of the softmax over pixels, or the mean cross-entropy of the pixels' sigmoids, and <see cref="MinibatchOptions.L2"/>.</para>
/// <para><b>Cost.</b> The rows, 4·(H·W + 2) bytes each, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class CoordinatePainterTrainer : IEstimator<CoordinatePainterTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _imageColumnName;
    private readonly string _centreColumnName;
    private readonly CoordinatePainterOptions _options;

    internal CoordinatePainterTrainer(IHostEnvironment environment, string imageColumnName, string centreColumnName, CoordinatePainterOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(imageColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(centreColumnName);
        _environment = environment;
        _imageColumnName = imageColumnName;
        _centreColumnName = centreColumnName;
        _options = (CoordinatePainterOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Trains the network on all rows of <paramref name="input"/>.</summary>
    /// <param name="input">The training data; read once.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than 2 rows; a number is not finite, a centre lies outside the image or a pixel is out of range; the loss or a weight is not finite; the GPU is missing; or
    /// the checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public CoordinatePainterTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckColumns(input.Schema);
        if (_options.Validation is { } view)
            CheckColumns(view.Schema);
        torch.Device device = TorchDevice.Of(_environment);
        LayeredArchitecture architecture = _options.Architecture().RequireScorable(nameof(CoordinatePainterOptions));
        using TrainingRows rows = Read(input);
        using TrainingRows? validation = _options.Validation is null ? null : Read(_options.Validation);
        NetworkWeights weights = new MinibatchTraining(_environment, _options).Run(
            rows,
            validation,
            device,
            [architecture],
            () => new LayeredModule(architecture),
            network => _options.Output == PaintedOutput.PixelSoftmax ? SoftmaxLoss(network) : SigmoidLoss(network),
            network => NetworkWeights.Of(architecture, network));
        var settings = new CoordinatePainterTransformer.Settings(_centreColumnName, _options.Height, _options.Width, _options.Output, _options.ScaleCentre);
        return new CoordinatePainterTransformer(_environment, new CoordinatePainterTransformer.State(settings, architecture, weights));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireVector(inputSchema, _centreColumnName);
        InputColumns.RequireVector(inputSchema, _imageColumnName);
        List<SchemaShape.Column> added = [SchemaShapes.Column(CoordinatePainterTransformer.PaintedImage, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single)];
        if (_options.Output == PaintedOutput.PixelSoftmax)
            added.Add(SchemaShapes.Column(CoordinatePainterTransformer.Pixel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true));
        return SchemaShapes.With(inputSchema, added);
    }

    private static MinibatchLoss SoftmaxLoss(LayeredModule network) => (batch, _) =>
        -(batch.Targets * torch.nn.functional.log_softmax(network.forward(batch.Inputs), 1)).sum(1).mean();

    private static MinibatchLoss SigmoidLoss(LayeredModule network) => (batch, _) =>
        torch.nn.functional.binary_cross_entropy_with_logits(network.forward(batch.Inputs), batch.Targets);

    private void CheckColumns(DataViewSchema schema)
    {
        InputColumns.RequireVector(schema, _centreColumnName, 2);
        InputColumns.RequireVector(schema, _imageColumnName, image: new ImageShape(1, _options.Height, _options.Width),
            because: FormattableString.Invariant($"Height × Width = {_options.Height} × {_options.Width}"));
    }

    private TrainingRows Read(IDataView data) =>
        TargetRows.Read(data, new ImageColumn(_centreColumnName, new(2, 1, 1)), _imageColumnName, _options, _environment, (row, centre, image) =>
        {
            if (centre[0] < 0 || centre[0] > _options.Width - 1 || centre[1] < 0 || centre[1] > _options.Height - 1)
                throw new InvalidOperationException(FormattableString.Invariant($"Column '{_centreColumnName}' must lie inside the image of {_options.Width} × {_options.Height} pixels, but is ({centre[0]}, {centre[1]}) in row {row}."));
            CheckImage(image, row);
            if (_options.ScaleCentre)
                CentreReader.Scale(centre, _options.Height, _options.Width);
        });

    private void CheckImage(Span<float> image, int row)
    {
        float least = System.Numerics.Tensors.TensorPrimitives.Min<float>(image), most = System.Numerics.Tensors.TensorPrimitives.Max<float>(image);
        if (_options.Output != PaintedOutput.PixelSoftmax)
        {
            if (least < 0 || most > 1)
                throw new InvalidOperationException(FormattableString.Invariant($"Column '{_imageColumnName}' must have values from 0 to 1, but has {(least < 0 ? least : most)} in row {row}."));
            return;
        }

        float sum = System.Numerics.Tensors.TensorPrimitives.Sum<float>(image);
        if (least < 0 || sum <= 0 || !float.IsFinite(sum))
            throw new InvalidOperationException(FormattableString.Invariant($"Column '{_imageColumnName}' must have values of at least 0 with a sum above 0, but the least is {least} and the sum {sum} in row {row}."));
        System.Numerics.Tensors.TensorPrimitives.Divide(image, sum, image);
    }
}
