using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>Trains classifiers of languages, and compares them on messages that they did not learn from.</summary>
internal sealed class LanguageTraining(LanguageData data, int threads, SampleRun run)
{
    private const double LearningRate = 0.5;
    private const int MostBaselineRows = 20_000;

    private readonly MLContext _ml = run.NewContext();
    private readonly int _baselineRows = Math.Min(MostBaselineRows, data.Training.Count);
    private readonly Table _table = new Table().Title("Languages of messages that were not learned from")
        .AddColumn("Model")
        .AddColumns([.. new[] { "Right, %", "Training, s", "File, MB" }.Select(name => new TableColumn(name).RightAligned())]);

    /// <summary>
    /// Trains on words alone and on n-grams of letters, compresses the latter and trains ML.NET's baseline; shows and records what each achieves.
    /// </summary>
    /// <returns>The compressed model, read from its file.</returns>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public FastTextModel Run()
    {
        IDataView training = LanguageData.Rows(_ml, data.Training);
        Learn("words only", "words", "languages-words.bin", training, _ => { });
        FastTextClassifierTransformer ngrams = Learn("n-grams of 2 to 4 letters", "ngrams", "languages.bin", training, UseNgrams);
        _ml.Model.Save(ngrams, training.Schema, run.OutputPath("languages.zip"));

        Console.WriteLine("Compressing it: 50,000 rows are kept, learn once more and are quantised.");
        var clock = Stopwatch.StartNew();
        var compression = new FastTextQuantizationOptions { Cutoff = 50_000, NormalizeRows = true, Seed = run.Seed };
        FastTextModel small = ngrams.Model.Quantize(_ml, training, options: compression, epochs: 1, learningRate: LearningRate, threads: threads);
        Note("the same, compressed", "quantized", Precision(small), clock.Elapsed, Save(small, "languages.ftz"));

        // ML.NET's own takes far longer: it gets a part of the texts, and so does fastText beside it.
        Learn(Invariant($"n-grams, {_baselineRows} texts"), "ngramsFewTexts", null, LanguageData.Rows(_ml, data.Training.Take(_baselineRows)), UseNgrams);
        TrainBaseline();
        AnsiConsole.Write(_table);
        string files = $"{run.OutputPath("languages.bin")} and {run.OutputPath("languages.ftz")} for fastText programs";
        Console.WriteLine($"Written: {files}, {run.OutputPath("languages.zip")} for ML.NET.");
        return FastTextModel.Load(run.OutputPath("languages.ftz"));
    }

    private static void UseNgrams(FastTextClassifierOptions options) => (options.MinN, options.MaxN, options.Buckets) = (2, 4, 200_000);

    private FastTextClassifierTransformer Learn(string name, string figure, string? file, IDataView training, Action<FastTextClassifierOptions> change)
    {
        Console.WriteLine($"Learning, {name}.");
        FastTextClassifierTransformer classifier = WatchedTraining.Run(threads, out TrainingProgress end, progress =>
        {
            var options = new FastTextClassifierOptions
            {
                Dimension = 16,
                LearningRate = LearningRate,
                Epochs = 5,
                Threads = threads,
                Seed = run.Seed,
                Progress = progress,
            };
            change(options);
            return _ml.MulticlassClassification.Trainers.FastText("Label", "Text", options).Fit(training);
        });
        Note(name, figure, Precision(classifier.Model), end.Elapsed, file is null ? null : Save(classifier.Model, file));
        return classifier;
    }

    private void TrainBaseline()
    {
        Console.WriteLine(Invariant($"Learning, ML.NET's SdcaMaximumEntropy over FeaturizeText on {_baselineRows} of the texts."));
        var clock = Stopwatch.StartNew();
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.Text.FeaturizeText("Features", "Text"))
            .Append(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy());
        var model = pipeline.Fit(_ml.Data.Cache(LanguageData.Rows(_ml, data.Training.Take(_baselineRows))));
        TimeSpan elapsed = clock.Elapsed;
        run.Cancellation.ThrowIfCancellationRequested();
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(model.Transform(LanguageData.Rows(_ml, data.Test)));
        run.Record("sdcaTexts", _baselineRows);
        Note(Invariant($"SdcaMaximumEntropy, {_baselineRows} texts"), "sdca", 100 * metrics.MicroAccuracy, elapsed, null);
    }

    private double Precision(FastTextModel model)
    {
        run.Cancellation.ThrowIfCancellationRequested();
        return 100.0 * data.Test.Count(text => model.Predict(text.Text) is [var best] && best.Label == text.Language) / data.Test.Count;
    }

    private long Save(FastTextModel model, string file)
    {
        model.Save(run.OutputPath(file));
        return new FileInfo(run.OutputPath(file)).Length;
    }

    private void Note(string name, string figure, double percent, TimeSpan elapsed, long? size)
    {
        run.Record($"{figure}Percent", percent);
        run.Record($"{figure}Seconds", elapsed.TotalSeconds);
        if (size is { } bytes)
            run.Record($"{figure}Megabytes", bytes / 1e6);
        _table.AddRow(name, Invariant($"{percent:F2}"), Invariant($"{elapsed.TotalSeconds:F1}"), size is { } length ? Invariant($"{length / 1e6:F2}") : "–");
    }
}
