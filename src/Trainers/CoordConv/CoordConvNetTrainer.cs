using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Trains an image classifier: convolutions that may know where in the image they look, the mean over all pixels, and a linear layer.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 3. The paper finds no gain from coordinates where classes do not depend on the place. Normalization over groups: Wu and He, "Group Normalization",
/// ECCV 2018, arXiv:1803.08494.</para>
/// <para><b>Input.</b> Features: a vector of Single in CHW order, or an image of any size, which is resized and has values from 0 to 1. Label: a key; or a
/// text, number or Boolean, whose distinct values become the classes. Rows without a label are left out, which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | image) in key order.</para>
/// <para><b>Loss.</b> Cross-entropy, and <see cref="MinibatchOptions.L2"/>.</para>
/// <para><b>Cost.</b> The rows, 4·(C·H·W + 1) bytes each, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary
/// file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> The network is trained on all rows that have a label; they are read once, or twice if the label is no key.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows or classes; a feature is not finite or an image is missing; the loss or a weight is not finite; the GPU is missing; or the
/// checkpoint belongs to another training.
/// </exception>
public sealed class CoordConvNetTrainer : TechniqueEstimator<CoordConvNetTransformer, CoordConvNetOptions>
{
    private readonly LabelColumn _label;
    private readonly ImageColumn _images;

    internal CoordConvNetTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, CoordConvNetOptions? options)
        : base(environment, options) => (_label, _images) = (new(Named(labelColumnName)), new(Named(featureColumnName), Options.ImageShape));

    private protected override IEnumerable<InputColumn> Inputs => [_images, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected override CoordConvNetTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        ImageColumn images = _images.In(input.Schema);
        CoordConvNetOptions options = Options.For(images.Shape);
        var reader = new ClassRows(Environment, options, new FeatureColumn(images.Name, images.Shape), _label.Name, channel);
        (TrainingRows rows, ClassLabels labels) = reader.Read(input);
        using TrainingRows training = rows;
        using TrainingRows? validation = Validation is null ? null : reader.ReadLike(labels, Validation);
        LayeredArchitecture architecture = options.Architecture(labels.Count).RequireScorable(nameof(CoordConvNetOptions));
        NetworkWeights weights = new MinibatchTraining(Environment, options).Run(
            training, validation, device, architecture, (logits, classes) => torch.nn.functional.cross_entropy(logits, classes));
        return new CoordConvNetTransformer(Environment, new(images.Name, architecture, weights, labels, _label.Name));
    }
}
