using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Elmo;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Trains a classifier of texts over a language model, whose layers it learns to weigh together with the classes.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2, equation 1. The language model is
/// left as it is.</para>
/// <para><b>Input.</b> Text: a vector of texts, the tokens, or a text whose tokens stand between white space. Label: a key; or a text, number or Boolean, whose
/// distinct values become the classes. Rows without a label are left out, which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | text) in key order.</para>
/// <para><b>Method.</b> The mean over a text's tokens of each layer, on a scale of mean 0 and deviation 1; the layers' weighted sum; a linear classifier with
/// cross-entropy.</para>
/// <para><b>Cost.</b> Fit runs each text through the language model once; the vectors, 4 · (layers + 1) · 2P bytes a text, lie in a cache of
/// <see cref="MinibatchOptions.CacheMebibytes"/>.</para>
/// <para><b>Randomness.</b> Initial weights, the order of rows and dropout, from Seed.</para>
/// <para><b>Fit.</b> All rows that have a label are learned from; they are read once, or twice if the label is no key. The transformer has the language model
/// in it.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows or classes, a loss is not finite, the GPU is missing, or the checkpoint belongs to another training.
/// </exception>
public sealed class ElmoClassifierTrainer : TechniqueEstimator<ElmoClassifierTransformer, ElmoClassifierOptions>
{
    // No schema has a column of this name, which a fit adds and removes.
    private const string LayersColumnName = "Elmo layers of the text";

    private readonly LabelColumn _label;
    private readonly TextColumn _text;
    private readonly ElmoTransformer _pretrained;

    internal ElmoClassifierTrainer(
        IHostEnvironment environment, ElmoTransformer pretrained, string labelColumnName, string textColumnName, ElmoClassifierOptions? options)
        : base(environment, options)
    {
        (_label, _text) = (new(Named(labelColumnName)), new(Named(textColumnName)));
        ArgumentNullException.ThrowIfNull(pretrained);
        _pretrained = pretrained;
    }

    private protected override IEnumerable<InputColumn> Inputs => [_text, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected override ElmoClassifierTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        using ElmoTransformer layers = new(Environment, new ElmoTransformer.State(
            ElmoOutputs.Of(LayersColumnName, _text.Name, new() { Representation = ElmoRepresentation.AllLayers }, _pretrained.LayerCount), _pretrained.Model,
            LanguageModel: null));
        var reader = new ClassRows(Environment, Options, new FeatureColumn(LayersColumnName, Image: null), _label.Name, channel);
        (TrainingRows rows, ClassLabels labels) = reader.Read(layers.Transform(new CancellableView(input, Check)));
        using TrainingRows training = rows;
        using TrainingRows? validation = Validation is null ? null : reader.ReadLike(labels, layers.Transform(new CancellableView(Validation, Check)));
        LayerMixClassifier classifier = LayerMixTraining.Run(Environment, Options, _pretrained.LayerCount + 1, labels.Count, training, validation, device);
        return new ElmoClassifierTransformer(Environment, new ElmoClassifierTransformer.State(_text.Name, _pretrained.Model, classifier, labels, _label.Name));
    }
}
