using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>Our training of word vectors, which prints its figures as the original program does.</summary>
internal sealed class WordVectorTraining : IOwnProcess
{
    /// <summary>Trains.</summary>
    /// <param name="arguments">The corpus, where to save the model, threads, and epochs.</param>
    public Task RunAsync(string[] arguments)
    {
        int[] numbers = [.. arguments[2..].Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        var ml = new MLContext(seed: 1);
        var last = new LastReport();
        var options = new FastTextOptions { Threads = numbers[0], Epochs = numbers[1], Progress = last };
        using FastTextTransformer words = ml.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", options).Fit(PlainText.Rows(ml, arguments[0]));
        words.Model.Save(arguments[1]);
        last.Print(words.Model, options.Epochs, options.Threads);
        return Task.CompletedTask;
    }
}

/// <summary>Our training of a classifier, which prints its figures as the original program does.</summary>
internal sealed class ClassifierTraining : IOwnProcess
{
    /// <summary>Trains.</summary>
    /// <param name="arguments">The rows, where to save the model, and the numbers of a <see cref="ClassifierSetting"/>.</param>
    public Task RunAsync(string[] arguments)
    {
        int[] numbers = [.. arguments[2..].Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        var ml = new MLContext(seed: 1);
        var last = new LastReport();
        FastTextClassifierOptions options = new ClassifierSetting(numbers[0], numbers[1], numbers[2]).ToOptions();
        options.Progress = last;
        IDataView rows = LabelledLines.View(ml, PlainText.Lines(arguments[0]));
        using FastTextClassifierTransformer classifier = ml.MulticlassClassification.Trainers.FastText(options: options).Fit(rows);
        classifier.Model.Save(arguments[1]);
        last.Print(classifier.Model, options.Epochs, options.Threads);
        return Task.CompletedTask;
    }
}

/// <summary>The last report of a training, to be printed at its end.</summary>
internal sealed class LastReport : IProgress<TrainingProgress>
{
    private TrainingProgress? _last;

    public void Report(TrainingProgress value) => _last = value;

    // Words that are not in the dictionary are not counted, as in the original program.
    public void Print(FastTextModel model, int epochs, int threads)
    {
        long words = 0;
        foreach (long count in model.Dictionary.Counts(ofLabels: false))
            words += count;
        foreach (long count in model.Dictionary.Counts(ofLabels: true))
            words += count;
        double speed = words * epochs / _last!.Elapsed.TotalSeconds / threads;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Progress: 100.0% words/sec/thread: {speed:F0} lr: 0 avg.loss: {_last.Loss:F6} ETA: 0"));
    }
}

/// <summary>Lines such as the original program reads for a classifier: <c>__label__</c>, the label, a space and the text.</summary>
internal static class LabelledLines
{
    public const string Prefix = "__label__";

    public static string LabelOf(string line) => line[Prefix.Length..line.IndexOf(' ', StringComparison.Ordinal)];

    public static string TextOf(string line) => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    /// <summary>The lines as rows with the columns Label and Text.</summary>
    public static IDataView View(MLContext ml, IEnumerable<string> lines) =>
        ml.Data.LoadFromEnumerable(lines.Select(line => new Row { Label = LabelOf(line), Text = TextOf(line) }));

    private sealed class Row
    {
        public string Label { get; set; } = "";

        public string Text { get; set; } = "";
    }
}
