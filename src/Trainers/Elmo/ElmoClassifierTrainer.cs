using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Elmo;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Trains a classifier of texts over a language model, whose layers it learns to weigh together with the classes.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2, equation 1. The language model is left as it is.</para>
/// <para><b>Input.</b> Text: a vector of texts, the tokens, or a text whose tokens stand between white space. Label: a key; or a text, number or Boolean, whose distinct values become the
/// classes. Rows without a label are left out, which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | text) in key order.</para>
/// <para><b>Method.</b> The mean over a text's tokens of each layer, on a scale of mean 0 and deviation 1; the layers' weighted sum; a linear classifier with cross-entropy.</para>
/// <para><b>Cost.</b> Fit runs each text through the language model once; the vectors, 4 · (layers + 1) · 2P bytes a text, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>.</para>
/// <para><b>Randomness.</b> Initial weights, the order of rows and dropout, from Seed.</para>
/// </remarks>
public sealed class ElmoClassifierTrainer : IEstimator<ElmoClassifierTransformer>
{
    // No schema has a column of this name, which a fit adds and removes.
    private const string LayersColumnName = "Elmo layers of the text";

    private readonly IHostEnvironment _environment;
    private readonly string _labelColumnName;
    private readonly string _textColumnName;
    private readonly ElmoTransformer _pretrained;
    private readonly ElmoClassifierOptions _options;

    internal ElmoClassifierTrainer(IHostEnvironment environment, string labelColumnName, string textColumnName, ElmoClassifierOptions? options, ElmoTransformer pretrained)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(textColumnName);
        ArgumentNullException.ThrowIfNull(pretrained);
        _environment = environment;
        _labelColumnName = labelColumnName;
        _textColumnName = textColumnName;
        _pretrained = pretrained;
        _options = (ElmoClassifierOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Trains on all rows of <paramref name="input"/> that have a label.</summary>
    /// <param name="input">The training data; read once, or twice if the label is no key.</param>
    /// <returns>The fitted transformer, to be disposed by the caller; it has the language model in it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows or classes, a loss is not finite, the GPU is missing, or the checkpoint belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public ElmoClassifierTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckColumns(input);
        if (_options.Validation is not null)
            CheckColumns(_options.Validation);
        torch.Device device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(ElmoClassifierTrainer));
        using ElmoTransformer layers = new(_environment, new ElmoTransformer.State(
            ElmoOutputs.Of(LayersColumnName, _textColumnName, new() { Representation = ElmoRepresentation.AllLayers }, _pretrained.LayerCount), _pretrained.Model, LanguageModel: null));
        var reader = new ClassRows(_environment, _options, new FeatureColumn(LayersColumnName, Image: null), _labelColumnName, channel);
        (TrainingRows rows, ClassLabels labels) = reader.Read(layers.Transform(new CancellableView(input, Check)));
        using TrainingRows training = rows;
        using TrainingRows? validation = _options.Validation is null ? null : reader.ReadLike(labels, layers.Transform(new CancellableView(_options.Validation, Check)));
        LayerMixClassifier classifier = LayerMixTraining.Run(_environment, _options, _pretrained.LayerCount + 1, labels.Count, training, validation, device);
        return new ElmoClassifierTransformer(_environment, new ElmoClassifierTransformer.State(_textColumnName, _pretrained.Model, classifier, labels));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _textColumnName);
        return SchemaShapes.With(inputSchema, MulticlassColumns.Promise(LabelColumn.Require(inputSchema, _labelColumnName)));
    }

    private void Check() => Host.ThrowIfCanceled(_environment);

    private void CheckColumns(IDataView data)
    {
        InputColumns.RequireText(data.Schema, _textColumnName);
        LabelColumn.Require(data.Schema, _labelColumnName);
    }
}
