using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Trains an image classifier: convolutions that may know where in the image they look, the mean over all pixels, and a linear layer.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 3. The paper finds no
/// gain from coordinates where classes do not depend on the place. Normalization over groups: Wu and He, "Group Normalization", ECCV 2018, arXiv:1803.08494.</para>
/// <para><b>Input.</b> Features: a vector of Single in CHW order, or an image of any size, which is resized and has values from 0 to 1. Label: a key; or a text, number or Boolean,
/// whose distinct values become the classes. Rows without a label are left out, which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | image) in key order.</para>
/// <para><b>Loss.</b> Cross-entropy, and <see cref="MinibatchOptions.L2"/>.</para>
/// <para><b>Cost.</b> The rows, 4·(C·H·W + 1) bytes each, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class CoordConvNetTrainer : IEstimator<CoordConvNetTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _labelColumnName;
    private readonly ImageColumn _images;
    private readonly CoordConvNetOptions _options;

    internal CoordConvNetTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, CoordConvNetOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        _environment = environment;
        _labelColumnName = labelColumnName;
        _options = (CoordConvNetOptions)(options ?? new()).Copy();
        _options.Validate();
        _images = new ImageColumn(featureColumnName, _options.ImageShape);
    }

    /// <summary>Trains the network on all rows of <paramref name="input"/> that have a label.</summary>
    /// <param name="input">The training data; read once, or twice if the label is no key.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than 2 rows or classes; a feature is not finite or an image is missing; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to
    /// another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public CoordConvNetTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckColumns(input);
        if (_options.Validation is not null)
            CheckColumns(_options.Validation);
        torch.Device device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(CoordConvNetTrainer));
        var reader = new ClassRows(_environment, _options, new FeatureColumn(_images.Name, _images.Shape), _labelColumnName, channel);
        (TrainingRows rows, ClassLabels labels) = reader.Read(input);
        using TrainingRows training = rows;
        using TrainingRows? validation = _options.Validation is null ? null : reader.ReadLike(labels, _options.Validation);
        LayeredArchitecture architecture = _options.Architecture(labels.Count).RequireScorable(nameof(CoordConvNetOptions));
        NetworkWeights weights = new MinibatchTraining(_environment, _options).Run(
            training,
            validation,
            device,
            [architecture],
            () => new LayeredModule(architecture),
            network => (batch, _) => torch.nn.functional.cross_entropy(network.forward(batch.Inputs), batch.Targets),
            network => NetworkWeights.Of(architecture, network));
        return new CoordConvNetTransformer(_environment, new CoordConvNetTransformer.State(_images.Name, architecture, weights, labels));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _images.Require(inputSchema);
        return SchemaShapes.With(inputSchema, MulticlassColumns.Promise(LabelColumn.Require(inputSchema, _labelColumnName)));
    }

    private void CheckColumns(IDataView data)
    {
        _images.Require(data.Schema);
        LabelColumn.Require(data.Schema, _labelColumnName);
    }
}
