using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>Our trainings as processes of their own, which print their figures as the original program does.</summary>
internal static class OwnTraining
{
    /// <summary>The argument that makes this program learn word vectors.</summary>
    public const string Command = "train-fasttext";

    /// <summary>The argument that makes this program learn to classify.</summary>
    public const string ClassifierCommand = "train-fasttext-classifier";

    public static void WordVectors(string corpus, string path, int threads, int epochs)
    {
        var ml = new MLContext(seed: 1);
        var last = new LastReport();
        var options = new FastTextOptions { Threads = threads, Epochs = epochs, Progress = last };
        using FastTextTransformer words = ml.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", options).Fit(PlainText.Rows(ml, corpus));
        words.Model.Save(path);
        Print(words.Model, last, epochs, threads);
    }

    public static void Classifier(string rows, string path, ClassifierSetting setting)
    {
        var ml = new MLContext(seed: 1);
        var last = new LastReport();
        FastTextClassifierOptions options = setting.ToOptions();
        options.Progress = last;
        using FastTextClassifierTransformer classifier = ml.MulticlassClassification.Trainers.FastText(options: options).Fit(LabelledLines.View(ml, PlainText.Lines(rows)));
        classifier.Model.Save(path);
        Print(classifier.Model, last, options.Epochs, options.Threads);
    }

    // Words that are not in the dictionary are not counted, as in the original program.
    private static void Print(FastTextModel model, LastReport last, int epochs, int threads)
    {
        long words = 0;
        foreach (long count in model.Dictionary.Counts(ofLabels: false))
            words += count;
        foreach (long count in model.Dictionary.Counts(ofLabels: true))
            words += count;
        double speed = words * epochs / last.Value!.Elapsed.TotalSeconds / threads;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Progress: 100.0% words/sec/thread: {speed:F0} lr: 0 avg.loss: {last.Value.Loss:F6} ETA: 0"));
    }

    private sealed class LastReport : IProgress<TrainingProgress>
    {
        public TrainingProgress? Value { get; private set; }

        public void Report(TrainingProgress value) => Value = value;
    }
}

/// <summary>Lines such as the original program reads for a classifier: <c>__label__</c>, the label, a space and the text.</summary>
internal static class LabelledLines
{
    public const string Prefix = "__label__";

    public static string LabelOf(string line) => line[Prefix.Length..line.IndexOf(' ', StringComparison.Ordinal)];

    public static string TextOf(string line) => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    /// <summary>The lines as rows with the columns Label and Text.</summary>
    public static IDataView View(MLContext ml, IEnumerable<string> lines) => ml.Data.LoadFromEnumerable(lines.Select(line => new Row { Label = LabelOf(line), Text = TextOf(line) }));

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
