using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.FastText;
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
/// <exception cref="InvalidOperationException">
/// No row has a label, no word occurs MinCount times, the initial vectors have another dimension, or a vector is not finite.
/// </exception>
/// <exception cref="FormatException">The initial vectors cannot be read.</exception>
public sealed class FastTextTrainer : TechniqueEstimator<FastTextClassifierTransformer, FastTextClassifierOptions>
{
    private readonly LabelColumn _label;
    private readonly TextColumn _text;

    internal FastTextTrainer(IHostEnvironment environment, string labelColumnName, string textColumnName, FastTextClassifierOptions? options)
        : base(environment, options) =>
        (_label, _text) = (new(Named(labelColumnName), AllowsSeveral: Options.Loss == FastTextLoss.OneVersusAll), new(Named(textColumnName)));

    private protected override IEnumerable<InputColumn> Inputs => [_text, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected override FastTextClassifierTransformer Fit(IDataView input, IChannel channel)
    {
        FastTextModel? initial = InitialVectors.Load(Options, Check);
        Check();
        LabelIndex index = LabelIndex.Of(input, _label.Name, Check);
        ClassLabels labels = index.Classes;

        FastTextArguments arguments = Options.ToArguments();
        using var reader = new CorpusReader(new Corpus(Environment, input, _text.Name, _label.Name, index), Options.Epochs + 1L);
        (FastTextDictionary dictionary, int[] labelIds) = CreateDictionary(reader, labels, arguments, initial, channel);
        int seed = Options.SeedOf(Environment);
        FastTextNetwork network = FastTextNetwork.Create(arguments, dictionary, seed, Options.Threads, initial, Check);
        var plan = new FastTextPlan(Options.Epochs, Options.LearningRate, Options.Threads, seed, Options.Progress);
        return new FastTextClassifierTransformer(Environment, new FastTextClassifierTransformer.State(
            _text.Name, labels, labelIds, new FastTextTraining(Environment, network, plan).Run(reader, labelIds), _label.Name));
    }

    // A method of its own, so that what was counted is not held any more when the training begins.
    private (FastTextDictionary Dictionary, int[] LabelIds) CreateDictionary(
        CorpusReader reader, ClassLabels labels, FastTextArguments arguments, FastTextModel? initial, IChannel channel)
    {
        long[] labelCounts = new long[labels.Count];
        Vocabulary vocabulary = reader.Count(labelCounts);
        if (labelCounts.Sum() == 0)
            throw new InvalidOperationException($"There are no rows to learn from: column '{_label.Name}' is missing in all rows.");
        if (vocabulary.UnlabelledRows > 0)
            channel.Warning(MessageSensitivity.Schema, $"Column '{_label.Name}' is missing in {vocabulary.UnlabelledRows} rows, which are left out.");
        LabelEntries entries = LabelEntries.Of(labels, labelCounts, _label.Name);
        return (vocabulary.ToDictionary(arguments, Environment, initial, entries.Entries), entries.Ids);
    }
}
