using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers;

/// <summary>Compressing a classifier with retraining.</summary>
public static class FastTextRetraining
{
    /// <summary>
    /// A compressed copy of a classifier whose remaining rows learn, before they are compressed, to do without those that were dropped
    /// (<see cref="FastTextQuantizationOptions.Cutoff"/>).
    /// </summary>
    /// <param name="model">A classifier that is not compressed.</param>
    /// <param name="mlContext">The context to train in.</param>
    /// <param name="data">
    /// Labelled texts, best those that the classifier was trained on; read once or, if their text is longer than 64 MiB, once for each epoch, and once before
    /// if the label is no key.
    /// </param>
    /// <param name="labelColumnName">
    /// The label: a key, text, number or Boolean, or a vector of keys, whose values are the model's labels. Rows without a label, or with one that the model
    /// does not know, are left out.
    /// </param>
    /// <param name="textColumnName">The texts: a text or a vector of texts.</param>
    /// <param name="options">How it is compressed; null takes the defaults.</param>
    /// <param name="epochs">How often the rows are read. At least 1.</param>
    /// <param name="learningRate">The learning rate at the start. Greater than 0.</param>
    /// <param name="threads">How many threads learn at once. From 1 to 1024; only with 1 does the same seed give the same model.</param>
    /// <param name="progress">Receives the progress of the retraining, ten times a second; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option or a number breaks its rule, or a column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model is not a classifier, is compressed already or has fewer than 256 rows; or no row has a label that it knows.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    /// <remarks>Joulin et al., "FastText.zip: Compressing text classification models", 2016, arXiv:1612.03651, section 3.2.</remarks>
    public static FastTextModel Quantize(
        this FastTextModel model,
        MLContext mlContext,
        IDataView data,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        FastTextQuantizationOptions? options = null,
        int epochs = 5,
        double learningRate = 0.1,
        int threads = 1,
        IProgress<TrainingProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, FastTextTraining.MostThreads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(learningRate);
        new TextColumn(textColumnName).Require(data.Schema);
        new LabelColumn(labelColumnName, AllowsSeveral: true).Require(data.Schema);
        options = (FastTextQuantizationOptions)(options ?? new()).Copy();
        IHostEnvironment environment = Host.EnvironmentOf(mlContext.Transforms);
        int seed = options.SeedOf(environment);
        options.Seed = seed;

        FastTextModel pruned = model.PruneFor(options, Check);
        LabelIndex index = LabelIndex.Of(data, labelColumnName, Check);
        int[] ids = [.. index.Classes.Names.Select(name => LabelEntries.IdOf(pruned.Dictionary, name))];
        if (ids.All(id => id < 0))
        {
            throw new InvalidOperationException(
                $"Column '{labelColumnName}' has no class that is a label of the model; " +
                $"these are {string.Join(", ", pruned.Labels.Take(20))}{(pruned.Labels.Count > 20 ? ", …" : "")}.");
        }

        var plan = new FastTextPlan(epochs, learningRate, threads, seed, progress);
        var training = new FastTextTraining(environment, FastTextNetwork.Of(pruned, threads, Check), plan);
        using var reader = new CorpusReader(new Corpus(environment, data, textColumnName, labelColumnName, index), epochs);
        return training.Run(reader, ids).QuantizePruned(options, Check);

        void Check() => Host.ThrowIfCanceled(environment);
    }
}
