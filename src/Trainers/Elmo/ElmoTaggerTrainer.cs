using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Elmo;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using TorchSharp;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers;

/// <summary>Trains a tagger: it gives each token of a text a label, such as its part of speech, by the token's vector, whose layers it learns to weigh.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2, equation 1, with the linear classifier of section 5.3.</para>
/// <para><b>Input.</b> Token vectors: a vector of Single, the vectors of the tokens one after the other, as <see cref="ElmoTransformer"/> gives them on request, or from anywhere
/// else. Label: a vector of keys, one for each token; a token whose label is missing is left out, which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a vector of keys with the labels as key values. Score: a vector of Single, for each token p(label | vector) in key order.</para>
/// <para><b>Cost.</b> The vectors lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file. They carry the context; the tagger looks at one token at a time.</para>
/// <para><b>Randomness.</b> Initial weights, the order of tokens and dropout, from Seed.</para>
/// </remarks>
public sealed class ElmoTaggerTrainer : IEstimator<ElmoTaggerTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _labelColumnName;
    private readonly string _tokenVectorsColumnName;
    private readonly ElmoTaggerOptions _options;

    internal ElmoTaggerTrainer(IHostEnvironment environment, string labelColumnName, string tokenVectorsColumnName, ElmoTaggerOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(tokenVectorsColumnName);
        _environment = environment;
        _labelColumnName = labelColumnName;
        _tokenVectorsColumnName = tokenVectorsColumnName;
        _options = (ElmoTaggerOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Trains on all tokens of <paramref name="input"/> that have a label.</summary>
    /// <param name="input">The training data; read once.</param>
    /// <returns>The fitted transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than 2 labelled tokens or labels in the rows; a row has not as many vectors as labels; a vector's length is no multiple of Layers; a number is not finite; the GPU is
    /// missing; or the checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public ElmoTaggerTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ClassLabels labels = CheckColumns(input);
        ClassLabels? others = _options.Validation is null ? null : CheckColumns(_options.Validation);
        torch.Device device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(ElmoTaggerTrainer));
        using TaggedTokens tokens = Read(input, null, label => label);
        if (tokens.WithoutLabel > 0)
            channel.Warning(MessageSensitivity.Schema, FormattableString.Invariant($"Column '{_labelColumnName}' is missing for {tokens.WithoutLabel} tokens, which are left out."));
        if (tokens.Labels < 2)
            throw new InvalidOperationException(FormattableString.Invariant($"Column '{_labelColumnName}' must have at least 2 different labels, but the {tokens.Rows.Count} labelled tokens of all rows have {tokens.Labels}."));
        if (tokens.Rows.Size % _options.Layers != 0)
            throw new InvalidOperationException(FormattableString.Invariant($"Column '{_tokenVectorsColumnName}' has vectors of {tokens.Rows.Size} numbers, which is no multiple of Layers = {_options.Layers}."));
        using TaggedTokens? validation = others is null ? null : ReadLike(labels, others, tokens.Rows.Size);
        LayerMixClassifier classifier = LayerMixTraining.Run(_environment, _options, _options.Layers, labels.Count, tokens.Rows, validation?.Rows, device);
        return new ElmoTaggerTransformer(_environment, new ElmoTaggerTransformer.State(_tokenVectorsColumnName, classifier, labels));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TokenVectors.Require(inputSchema, _tokenVectorsColumnName);
        SchemaShape.Column label = TaggedTokens.RequireLabels(inputSchema, _labelColumnName);
        return SchemaShapes.With(inputSchema,
        [
            SchemaShapes.Column(MulticlassColumns.PredictedLabel, VectorKind.VariableVector, NumberDataViewType.UInt32, isKey: true,
                [SchemaShapes.Column("KeyValues", VectorKind.Vector, MulticlassColumns.KeyValueType(label))]),
            SchemaShapes.Column(MulticlassColumns.Score, VectorKind.VariableVector, NumberDataViewType.Single),
        ]);
    }

    private ClassLabels CheckColumns(IDataView data)
    {
        TokenVectors.Require(data.Schema, _tokenVectorsColumnName);
        return ClassLabels.Of(TaggedTokens.RequireLabels(data.Schema, _labelColumnName));
    }

    private TaggedTokens ReadLike(ClassLabels labels, ClassLabels others, int size)
    {
        int[] known = [.. others.Names.Select(labels.Find)];
        return Read(_options.Validation!, size, label => known[label] >= 0
            ? known[label]
            : throw new InvalidOperationException($"Column '{_labelColumnName}' of Validation has the label '{others.Names[label]}', which the training data do not have."));
    }

    private TaggedTokens Read(IDataView data, int? size, Func<int, int> classOf) =>
        TaggedTokens.Read(data, _labelColumnName, _tokenVectorsColumnName, size, classOf, _options, _environment);
}
