using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns image features that also say where in the image things are: from numbers, from classes, or from the images alone.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 3. Normalization over groups: Wu and He, "Group Normalization", ECCV 2018, arXiv:1803.08494.</para>
/// <para><b>Network.</b> Blocks of convolution 3 × 3, normalization, maximum over 2 × 2 and rectifier, the first of which knows the coordinates; the mean and
/// the maximum of each filter over the image; and a hidden layer with rectifiers, which is the feature vector. What comes after it in training is not kept: a
/// linear layer to the label, or a decoder that paints a small copy of the image.</para>
/// <para><b>Input.</b> A vector of Single in CHW order, or an image of any size, which is resized and has values from 0 to 1. The label, if there is one, is
/// read by Fit alone.</para>
/// <para><b>Output.</b> A vector of Single of length <see cref="CoordConvFeaturizerOptions.FeatureCount"/>, at least 0.</para>
/// <para><b>Loss.</b> The mean squared error of the numbers, each on a scale with mean 0 and deviation 1; cross-entropy of the classes; or the mean squared
/// error of the copy.</para>
/// <para><b>Cost.</b> Fit holds 4·(C·H·W + K) bytes a row, K being the length of the label, and the same again on the device.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> The network is trained on all rows, with classes on those that have one; they are read once, or twice if the label is a class but no
/// key.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows or classes; a number is not finite or an image is missing; the loss or a weight is not finite; the GPU is missing; or the
/// checkpoint belongs to another training.
/// </exception>
public sealed class CoordConvFeaturizerEstimator : TechniqueEstimator<CoordConvFeaturizerTransformer, CoordConvFeaturizerOptions>
{
    private readonly string _outputColumnName;
    private readonly ImageColumn _images;
    private readonly SupervisionColumn? _label;

    internal CoordConvFeaturizerEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, CoordConvFeaturizerOptions? options)
        : base(environment, options)
    {
        (_outputColumnName, _images) = (Named(outputColumnName), new(Named(inputColumnName), Options.ImageShape));
        _label = Options.LabelColumnName is { } label
            ? new(label) { Option = $"{nameof(CoordConvFeaturizerOptions)}.{nameof(CoordConvFeaturizerOptions.LabelColumnName)}" }
            : null;
    }

    private protected override IEnumerable<InputColumn> Inputs => _label is null ? [_images] : [_images, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [OutputColumn.Embedding(_outputColumnName, Options.FeatureCount)];

    private protected override CoordConvFeaturizerTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        ImageColumn images = _images.In(input.Schema);
        FeaturizerArchitecture architecture = Options.For(images.Shape).Architecture().RequireScorable(nameof(CoordConvFeaturizerOptions));
        NetworkWeights weights = _label is null ? Reconstruct(input, images, architecture, device)
            : _label.HasNumbers(input.Schema) ? Regress(input, images, architecture, new TargetColumn(_label.Name).SizeIn(input.Schema), device)
            : Classify(input, images, architecture, device, channel);
        return new CoordConvFeaturizerTransformer(Environment, new(_outputColumnName, _images.Name, architecture, weights));
    }

    private NetworkWeights Reconstruct(IDataView input, ImageColumn images, FeaturizerArchitecture architecture, torch.Device device)
    {
        using TrainingRows rows = Read(input, images);
        using TrainingRows? validation = Validation is null ? null : Read(Validation, images);
        return Train(rows, validation, architecture, Reconstruction.Decoder(architecture).Describe(), device,
            (painted, pictures) => Reconstruction.Loss(painted, pictures, architecture));
    }

    private NetworkWeights Regress(IDataView input, ImageColumn images, FeaturizerArchitecture architecture, int outputs, torch.Device device)
    {
        using TrainingRows rows = Read(input, images);
        using TrainingRows? validation = Validation is null ? null : Read(Validation, images);
        StandardScale scale = rows.ScaleOf(TrainingRows.Targets);
        return Train(rows.Scale(TrainingRows.Targets, scale), validation?.Scale(TrainingRows.Targets, scale), architecture, Head(architecture, outputs), device,
            (output, numbers) => torch.nn.functional.mse_loss(output, numbers));
    }

    private NetworkWeights Classify(IDataView input, ImageColumn images, FeaturizerArchitecture architecture, torch.Device device, IChannel channel)
    {
        var reader = new ClassRows(Environment, Options, new FeatureColumn(images.Name, images.Shape), _label!.Name, channel);
        (TrainingRows rows, ClassLabels labels) = reader.Read(input);
        using TrainingRows training = rows;
        using TrainingRows? validation = Validation is null ? null : reader.ReadLike(labels, Validation);
        return Train(training, validation, architecture, Head(architecture, labels.Count), device,
            (logits, classes) => torch.nn.functional.cross_entropy(logits, classes));
    }

    private NetworkWeights Train(
        TrainingRows rows, TrainingRows? validation, FeaturizerArchitecture architecture, LayerChain head, torch.Device device,
        Func<torch.Tensor, torch.Tensor, torch.Tensor> loss) =>
        new MinibatchTraining(Environment, Options).Run(
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

    private TrainingRows Read(IDataView data, ImageColumn images) => TargetRows.Read(data, images, _label?.Name, Options, Environment);
}
