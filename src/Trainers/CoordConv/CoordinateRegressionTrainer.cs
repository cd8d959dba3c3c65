using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns to read numbers off an image, such as where in it something is.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 5.</para>
/// <para><b>Input.</b> Image: a vector of Single in CHW order, or an image of any size, which is resized and has values from 0 to 1. Label: a Single, or a vector of Single of known
/// length K.</para>
/// <para><b>Output.</b> Score: a vector of Single of length K, in the label's unit.</para>
/// <para><b>Loss.</b> The mean squared error of the numbers, each on a scale with mean 0 and deviation 1, and <see cref="MinibatchOptions.L2"/>.</para>
/// <para><b>Cost.</b> The rows, 4·(C·H·W + K) bytes each, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class CoordinateRegressionTrainer : IEstimator<CoordinateRegressionTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _labelColumnName;
    private readonly ImageColumn _images;
    private readonly CoordinateRegressionOptions _options;

    internal CoordinateRegressionTrainer(IHostEnvironment environment, string labelColumnName, string imageColumnName, CoordinateRegressionOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(imageColumnName);
        _environment = environment;
        _labelColumnName = labelColumnName;
        _options = (CoordinateRegressionOptions)(options ?? new()).Copy();
        _options.Validate();
        _images = new ImageColumn(imageColumnName, _options.ImageShape);
    }

    /// <summary>Trains the network on all rows of <paramref name="input"/>.</summary>
    /// <param name="input">The training data; read once.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than 2 rows; a number is not finite or an image is missing; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another
    /// training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public CoordinateRegressionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _images.Require(input.Schema);
        int outputs = TargetRows.RequireTarget(input.Schema, _labelColumnName);
        if (_options.Validation is { } view)
        {
            _images.Require(view.Schema);
            TargetRows.RequireTarget(view.Schema, _labelColumnName, outputs);
        }

        torch.Device device = TorchDevice.Of(_environment);
        LayeredArchitecture architecture = _options.Architecture(outputs).RequireScorable(nameof(CoordinateRegressionOptions));
        using TrainingRows rows = Read(input);
        using TrainingRows? validation = _options.Validation is null ? null : Read(_options.Validation);
        StandardScale scale = rows.ScaleOf(TrainingRows.Targets);
        NetworkWeights weights = new MinibatchTraining(_environment, _options).Run(
            rows.Scale(TrainingRows.Targets, scale),
            validation?.Scale(TrainingRows.Targets, scale),
            device,
            [architecture],
            () => new LayeredModule(architecture),
            network => (batch, _) => torch.nn.functional.mse_loss(network.forward(batch.Inputs), batch.Targets),
            network => NetworkWeights.Of(architecture, network));
        return new CoordinateRegressionTransformer(_environment, new CoordinateRegressionTransformer.State(_images.Name, architecture, weights, scale));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _images.Require(inputSchema);
        TargetRows.RequireTarget(inputSchema, _labelColumnName);
        return SchemaShapes.With(inputSchema, SchemaShapes.Column(MulticlassColumns.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single));
    }

    private TrainingRows Read(IDataView data) => TargetRows.Read(data, _images, _labelColumnName, _options, _environment);
}
