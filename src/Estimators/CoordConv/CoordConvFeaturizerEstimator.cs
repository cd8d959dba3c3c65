using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns image features that also say where in the image things are: from numbers, from classes, or from the images alone.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 3. Normalization over
/// groups: Wu and He, "Group Normalization", ECCV 2018, arXiv:1803.08494.</para>
/// <para><b>Network.</b> Blocks of convolution 3 × 3, normalization, maximum over 2 × 2 and rectifier, the first of which knows the coordinates; the mean and the maximum of each
/// filter over the image; and a hidden layer with rectifiers, which is the feature vector. What comes after it in training is not kept: a linear layer to the label, or a decoder
/// that paints a small copy of the image.</para>
/// <para><b>Input.</b> A vector of Single in CHW order, or an image of any size, which is resized and has values from 0 to 1. The label, if there is one, is read by Fit alone.</para>
/// <para><b>Output.</b> A vector of Single of length <see cref="CoordConvFeaturizerOptions.FeatureCount"/>, at least 0.</para>
/// <para><b>Loss.</b> The mean squared error of the numbers, each on a scale with mean 0 and deviation 1; cross-entropy of the classes; or the mean squared error of the copy.</para>
/// <para><b>Cost.</b> Fit holds 4·(C·H·W + K) bytes a row, K being the length of the label, and the same again on the device.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class CoordConvFeaturizerEstimator : IEstimator<CoordConvFeaturizerTransformer>
{
    private const string LabelOption = $"{nameof(CoordConvFeaturizerOptions)}.{nameof(CoordConvFeaturizerOptions.LabelColumnName)}";

    private readonly IHostEnvironment _environment;
    private readonly string _outputColumnName;
    private readonly ImageColumn _images;
    private readonly CoordConvFeaturizerOptions _options;

    internal CoordConvFeaturizerEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, CoordConvFeaturizerOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        _environment = environment;
        _outputColumnName = outputColumnName;
        _options = (CoordConvFeaturizerOptions)(options ?? new()).Copy();
        _options.Validate();
        _images = new ImageColumn(inputColumnName, _options.ImageShape);
    }

    /// <summary>Trains the network on all rows of <paramref name="input"/>; with classes, on those that have one.</summary>
    /// <param name="input">The training data; read once, or twice if the label is a class but no key.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than 2 rows or classes; a number is not finite or an image is missing; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to
    /// another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public CoordConvFeaturizerTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        bool isRegression = CheckColumns(input.Schema);
        if (_options.Validation is { } view && CheckColumns(view.Schema) != isRegression)
            throw InputColumns.Mismatch(_options.LabelColumnName!, $"of the same kind in Validation as in training ({input.Schema[_options.LabelColumnName!].Type})", view.Schema[_options.LabelColumnName!].Type.ToString()!);
        torch.Device device = TorchDevice.Of(_environment);
        FeaturizerArchitecture architecture = _options.Architecture().RequireScorable(nameof(CoordConvFeaturizerOptions));
        NetworkWeights weights = _options.LabelColumnName is null ? Reconstruct(input, architecture, device)
            : isRegression ? Regress(input, architecture, device)
            : Classify(input, architecture, device);
        return new CoordConvFeaturizerTransformer(_environment, new CoordConvFeaturizerTransformer.State(_outputColumnName, _images.Name, architecture, weights));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _images.Require(inputSchema);
        if (_options.LabelColumnName is { } label && !TargetRows.IsTarget(InputColumns.Require(inputSchema, label, LabelOption)))
            LabelColumn.Require(inputSchema, label);
        return SchemaShapes.With(inputSchema, SchemaShapes.Column(_outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single));
    }

    // Whether the label, if there is one, is numbers to regress on.
    private bool CheckColumns(DataViewSchema schema)
    {
        _images.Require(schema);
        if (_options.LabelColumnName is not { } label)
            return false;
        bool isRegression = TargetRows.IsTarget(InputColumns.Require(schema, label, LabelOption));
        if (!isRegression)
            LabelColumn.Require(schema, label);
        return isRegression;
    }

    private NetworkWeights Reconstruct(IDataView input, FeaturizerArchitecture architecture, torch.Device device)
    {
        using TrainingRows rows = Read(input);
        using TrainingRows? validation = _options.Validation is null ? null : Read(_options.Validation);
        return Train(rows, validation, architecture, Reconstruction.Decoder(architecture).Describe(), device,
            (painted, images) => Reconstruction.Loss(painted, images, architecture));
    }

    private NetworkWeights Regress(IDataView input, FeaturizerArchitecture architecture, torch.Device device)
    {
        int outputs = TargetRows.RequireTarget(input.Schema, _options.LabelColumnName!);
        if (_options.Validation is { } view)
            TargetRows.RequireTarget(view.Schema, _options.LabelColumnName!, outputs);
        using TrainingRows rows = Read(input);
        using TrainingRows? validation = _options.Validation is null ? null : Read(_options.Validation);
        StandardScale scale = rows.ScaleOf(TrainingRows.Targets);
        return Train(rows.Scale(TrainingRows.Targets, scale), validation?.Scale(TrainingRows.Targets, scale), architecture, Head(architecture, outputs), device, (output, numbers) => torch.nn.functional.mse_loss(output, numbers));
    }

    private NetworkWeights Classify(IDataView input, FeaturizerArchitecture architecture, torch.Device device)
    {
        using IChannel channel = _environment.Start(nameof(CoordConvFeaturizerEstimator));
        var reader = new ClassRows(_environment, _options, new FeatureColumn(_images.Name, _images.Shape), _options.LabelColumnName!, channel);
        (TrainingRows rows, ClassLabels labels) = reader.Read(input);
        using TrainingRows training = rows;
        using TrainingRows? validation = _options.Validation is null ? null : reader.ReadLike(labels, _options.Validation);
        return Train(training, validation, architecture, Head(architecture, labels.Count), device, (logits, classes) => torch.nn.functional.cross_entropy(logits, classes));
    }

    private NetworkWeights Train(
        TrainingRows rows, TrainingRows? validation, FeaturizerArchitecture architecture, LayerChain head, torch.Device device,
        Func<torch.Tensor, torch.Tensor, torch.Tensor> loss) =>
        new MinibatchTraining(_environment, _options).Run(
            rows,
            validation,
            device,
            [architecture, new LayeredArchitecture { Input = head.Input, Layers = [.. head.Layers.Select(part => part.Layer)] }],
            () => new JointModule(("featurizer", architecture.Describe()), ("head", head)),
            network => (batch, _) => loss(network["head"].forward(network["featurizer"].forward(batch.Inputs)), batch.Targets),
            network => NetworkWeights.Of(architecture, network["featurizer"]));

    // A linear layer after the features: logits of classes, or numbers.
    private static LayerChain Head(FeaturizerArchitecture architecture, int outputs) =>
        new(new(architecture.Features, 1, 1), [("linear", new Dense(outputs))]) { Initialization = Initialization.Uniform };

    private TrainingRows Read(IDataView data) => TargetRows.Read(data, _images, _options.LabelColumnName, _options, _environment);
}
