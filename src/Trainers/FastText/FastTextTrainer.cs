using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to classify texts: a linear classifier over the mean of the vectors of a text's words and n-grams.</summary>
/// <remarks>
/// <para><b>Source.</b> Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759.</para>
/// <para><b>Input.</b> Text: a text, or a vector of texts, which is taken as if spaces stood between its texts. Label: a key; or a text, number or Boolean,
/// whose distinct values become the classes; with <see cref="FastTextLoss.OneVersusAll"/> also a vector of keys, of which a row may have several. A text that
/// looks like a label (<c>__label__…</c>) is a word like any other, unless it is the very name of a label: then it is passed over.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, the probability of each class in key order.</para>
/// <para><b>Training data.</b> A row whose label is missing is left out. The rows are read once for the words (and once before if the label is no key) and, if
/// their text is longer than 64 MiB, once more for each epoch; a shorter one is remembered as the numbers of its words. Memory: 4 · Dimension · (words +
/// Buckets + classes) bytes, rows padded to 64, and the words themselves.</para>
/// <para><b>Randomness.</b> The vectors at the start and the samples, from Seed. The same seed and data give the same model with one thread.</para>
/// </remarks>
public sealed class FastTextTrainer : IEstimator<FastTextClassifierTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _labelColumnName;
    private readonly string _textColumnName;
    private readonly FastTextClassifierOptions _options;

    internal FastTextTrainer(IHostEnvironment environment, string labelColumnName, string textColumnName, FastTextClassifierOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(textColumnName);
        _environment = environment;
        _labelColumnName = labelColumnName;
        _textColumnName = textColumnName;
        _options = (FastTextClassifierOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    private bool AllowsSeveralLabels => _options.Loss == FastTextLoss.OneVersusAll;

    /// <summary>Learns from all rows of <paramref name="input"/> that have a label.</summary>
    /// <param name="input">
    /// The training data; read once, once more before if the label is no key, and, if its text is longer than 64 MiB, once more for each epoch.
    /// </param>
    /// <returns>The fitted transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// No row has a label, no word occurs MinCount times, the initial vectors have another dimension, or a vector is not finite.
    /// </exception>
    /// <exception cref="FormatException">The initial vectors cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public FastTextClassifierTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.RequireText(input.Schema, _textColumnName);
        LabelColumn.Require(input.Schema, _labelColumnName, AllowsSeveralLabels);
        FastTextModel? initial = InitialVectors.Load(_options, Check);
        using IChannel channel = _environment.Start(nameof(FastTextTrainer));
        Check();
        LabelIndex index = LabelIndex.Of(input, _labelColumnName, Check);
        ClassLabels labels = index.Classes;

        FastTextArguments arguments = _options.ToArguments();
        using var reader = new CorpusReader(new Corpus(_environment, input, _textColumnName, _labelColumnName, index), _options.Epochs + 1L);
        (FastTextDictionary dictionary, int[] labelIds) = CreateDictionary(reader, labels, arguments, initial, channel);
        int seed = _options.Seed ?? Host.Seed(_environment) ?? Random.Shared.Next();
        FastTextNetwork network = FastTextNetwork.Create(arguments, dictionary, seed, _options.Threads, initial, Check);
        var plan = new FastTextPlan(_options.Epochs, _options.LearningRate, _options.Threads, seed, _options.Progress);
        return new FastTextClassifierTransformer(_environment, new FastTextClassifierTransformer.State(
            _textColumnName, labels, labelIds, new FastTextTraining(_environment, network, plan).Run(reader, labelIds)));
    }

    private void Check() => Host.ThrowIfCanceled(_environment);

    // A method of its own, so that what was counted is not held any more when the training begins.
    private (FastTextDictionary Dictionary, int[] LabelIds) CreateDictionary(
        CorpusReader reader, ClassLabels labels, FastTextArguments arguments, FastTextModel? initial, IChannel channel)
    {
        long[] labelCounts = new long[labels.Count];
        Vocabulary vocabulary = reader.Count(labelCounts);
        if (labelCounts.Sum() == 0)
            throw new InvalidOperationException($"There are no rows to learn from: column '{_labelColumnName}' is missing in all rows.");
        if (vocabulary.UnlabelledRows > 0)
            channel.Warning(MessageSensitivity.Schema, $"Column '{_labelColumnName}' is missing in {vocabulary.UnlabelledRows} rows, which are left out.");
        LabelEntries entries = LabelEntries.Of(labels, labelCounts, _labelColumnName);
        return (vocabulary.ToDictionary(arguments, _environment, initial, entries.Entries), entries.Ids);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _textColumnName);
        SchemaShape.Column label = LabelColumn.Require(inputSchema, _labelColumnName, AllowsSeveralLabels);
        return SchemaShapes.With(inputSchema, MulticlassColumns.Promise(label));
    }
}
