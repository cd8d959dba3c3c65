using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.FastText;
using MLNet.Papers.Labels;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Learns to classify texts: a linear classifier over the mean of the vectors of a text's words and n-grams.</summary>
/// <remarks>
/// <para><b>Source.</b> Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759.</para>
/// <para><b>Input.</b> Text: a text, or a vector of texts, which is taken as if spaces stood between its texts. Label: a key; or a text, number or Boolean,
/// whose distinct values become the classes; with <see cref="FastTextLoss.OneVersusAll"/> also a vector of keys, of which a row may have several. A text that
/// looks like a label (<c>__label__…</c>) is a word like any other, unless it is the very name of a label: then it is passed over.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, the probability of each class in key order.</para>
/// <para><b>Training data.</b> A row whose label is missing is left out. The rows are read once for the words (and once before if the label is no key) and, if
/// their text is longer than 64 MiB, once more for each epoch; a shorter one is remembered as the numbers of its words. Rows to validate on are read after each
/// epoch, and their labels once before. Memory: 4 · Dimension · (words + Buckets + classes) bytes, rows padded to 64, twice that with validation, and the words
/// themselves.</para>
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
        int seed = Options.SeedOf(Environment);
        LabelIndex index = LabelIndex.Of(input, _label.Name, Check);
        ClassLabels labels = index.Classes;
        var all = new Corpus(Environment, input, _text.Name, _label.Name, index);
        (Corpus corpus, Corpus? held) = Split(all, seed);
        using var reader = new CorpusReader(corpus, Math.Max(Options.Epochs, 1) + 1L, hashes: Options.CheckpointFolder is not null);
        (FastTextArguments arguments, FastTextDictionary dictionary, int[] labelIds, double learningRate) = CreateDictionary(reader, labels, initial, channel);
        FastTextNetwork network = FastTextNetwork.Create(arguments, dictionary, seed, Options.Threads, initial, Check, keepsBest: held is not null);
        FastTextPlan plan = FastTextPlan.Of(Options, arguments.Epochs, learningRate, seed, reader, held) with
        {
            Validation = held is null ? null : new FastTextValidation(held, IdsOf(held, labels, labelIds)),
            Patience = Options.Patience,
        };
        return new FastTextClassifierTransformer(Environment, new FastTextClassifierTransformer.State(
            _text.Name, labels, labelIds, new FastTextTraining(Environment, network, plan).Run(reader, labelIds), _label.Name));
    }

    // The rows to learn from, and those to validate on.
    private (Corpus Training, Corpus? Held) Split(Corpus all, int seed)
    {
        if (Validation is { } rows)
            return (all, all with { Data = rows, Labels = LabelIndex.Of(rows, _label.Name, Check) });
        if (Options.ValidationFraction == 0)
            return (all, null);
        List<int> classes = [];
        using (DataViewRowCursor cursor = all.Data.GetRowCursor([all.Data.Schema[_label.Name]]))
        {
            KeyInput labels = all.Labels!.Reader(cursor);
            while (cursor.MoveNext())
            {
                Check();
                ReadOnlySpan<int> read = labels.Read();
                classes.Add(read.IsEmpty ? -1 : read[0]);
            }
        }

        var held = new BitArray(classes.Count);
        foreach (int row in ValidationSplit.Draw(classes.Count, Options.ValidationFraction, seed, row => classes[row]).Validation)
            held[row] = true;
        return (all with { Leaves = row => held[(int)row] }, all with { Leaves = row => !held[(int)row] });
    }

    // For each class of the rows to validate on the id of the label, -1 if the rows to train on do not have it.
    private static int[] IdsOf(Corpus held, ClassLabels labels, int[] labelIds) =>
        [.. held.Labels!.Classes.Names.Select(labels.Find).Select(index => index < 0 ? -1 : labelIds[index])];

    // A method of its own, so that what was counted is not held any more when the training begins.
    private (FastTextArguments Arguments, FastTextDictionary Dictionary, int[] LabelIds, double LearningRate) CreateDictionary(
        CorpusReader reader, ClassLabels labels, FastTextModel? initial, IChannel channel)
    {
        long[] labelCounts = new long[labels.Count];
        Vocabulary vocabulary = reader.Count(labelCounts);
        if (labelCounts.Sum() == 0)
            throw new InvalidOperationException($"There are no rows to learn from: column '{_label.Name}' is missing in all rows.");
        LabelIndex.WarnOfMissing(channel, _label.Name, vocabulary.UnlabelledRows);
        LabelEntries entries = LabelEntries.Of(labels, labelCounts, _label.Name);
        (int epochs, double learningRate) = Options.Schedule(labelCounts.Sum(), entries.Entries.Count);
        if (Options.Epochs == 0 || Options.LearningRate == 0)
        {
            channel.Info(
                MessageSensitivity.None,
                FormattableString.Invariant(
                    $"Epochs = {epochs}, LearningRate = {learningRate}: {labelCounts.Sum()} labels of {entries.Entries.Count} classes."));
        }

        FastTextArguments arguments = Options.ToArguments(epochs);
        return (arguments, vocabulary.ToDictionary(arguments, Environment, initial, entries.Entries), entries.Ids, learningRate);
    }
}
