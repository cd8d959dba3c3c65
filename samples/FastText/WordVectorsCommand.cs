using System.CommandLine;
using Microsoft.ML;
using MLNet.Papers.Samples.Texts;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>Learns vectors of words from a text, and shows what they know.</summary>
internal sealed class WordVectorsCommand : SampleCommand
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Text file to learn from: UTF-8, a sentence a line, words between spaces and as they stand; read as a stream. " +
            "Without it, the documentation of the .NET installation.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "fastText file (.bin, .ftz or .vec) to look into instead of learning.",
        HelpName = "FILE",
    };

    private readonly Option<int> _epochs = new("--epochs") { Description = "How often the text is read.", HelpName = "N", DefaultValueFactory = _ => 5 };

    private readonly Option<int> _dimension = new("--dimension") { Description = "Length of a word's vector.", HelpName = "N", DefaultValueFactory = _ => 100 };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads that learn; only with 1 does the same seed give the same vectors.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<bool> _ask = new("--ask") { Description = "Read words from the input, one a line, even if nobody types them there." };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public WordVectorsCommand()
    {
        OptionRules.Between(_epochs, 1, 1_000);
        OptionRules.Between(_dimension, 1, 4_096);
        OptionRules.Between(_threads, 1, 1_024);
    }

    /// <inheritdoc/>
    public override string Name => "word-vectors";

    /// <inheritdoc/>
    public override string Description =>
        "fastText: learns vectors of words and of the pieces they are spelt with, finds the neighbours of misspelt and never seen words, and draws a map. " +
        "Needs no data (it reads the documentation that comes with the .NET SDK, 5 million words) and about 2 minutes on 2 cores. " +
        "On a terminal, type words afterwards; an empty line ends it.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _model, _epochs, _dimension, _threads, _ask];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string? modelPath = arguments.GetValue(_model), data = arguments.GetValue(_data);
        if (modelPath is not null && data is not null)
            throw new InputException("--model looks into a model that exists, and --data learns one: give one of them.");
        MLContext ml = run.NewContext();
        FastTextModel model = modelPath is null ? Train(ml, data, arguments, run) : ModelFiles.Load(modelPath);
        string restriction = model.HasSubwords ? "" : ", no n-grams: words it does not know have no vector";
        Console.WriteLine(Invariant($"{model.Words.Count} words, {model.Dimension} dimensions{restriction}."));

        NeighborReport.Examples(ml, model, isDocumentation: modelPath is null && data is null);
        WordMap.Save(ml, model, run);
        if (ConsoleLines.AreTyped || arguments.GetValue(_ask))
        {
            foreach (string line in ConsoleLines.Read("word> ", run.Cancellation))
                NeighborReport.Answer(model, line);
        }
    }

    private FastTextModel Train(MLContext ml, string? data, ParseResult arguments, SampleRun run)
    {
        if (data is null)
        {
            data = run.OutputPath("documentation.txt");
            IReadOnlyList<string> files = DotnetInstallation.DocumentationFiles();
            Console.WriteLine(Invariant($"Reading {files.Count} documentation files of the .NET installation."));
            File.WriteAllLines(data, ApiDocumentation.Lines(files).Select(line =>
            {
                run.Cancellation.ThrowIfCancellationRequested();
                return line;
            }));
        }

        IDataView rows = PlainText.Rows(ml, data);
        int threads = arguments.GetValue(_threads), epochs = arguments.GetValue(_epochs);
        FastTextTransformer words = WatchedTraining.Run(threads, out TrainingProgress end, progress =>
        {
            var options = new FastTextOptions
            {
                Dimension = arguments.GetValue(_dimension),
                Epochs = epochs,
                Threads = threads,
                Seed = run.Seed,
                Progress = progress,
            };
            return ml.Transforms.Text.FeaturizeTextWithFastText("Features", "Text", options).Fit(rows);
        });

        double seconds = end.Elapsed.TotalSeconds;
        double speed = CountKnown(words.Model, data, run.Cancellation) * epochs / seconds / threads;
        string workers = threads == 1 ? "1 thread" : Invariant($"{threads} threads");
        Console.WriteLine(Invariant($"{seconds:F1} s on {workers}: {speed:N0} words per second and thread, loss {end.Loss:F4}."));
        run.Record("wordsPerSecondPerThread", speed);
        run.Record("threads", threads);
        run.Record("loss", end.Loss);
        run.Record("vocabulary", words.Model.Words.Count);
        run.Record("seconds", seconds);

        words.Model.Save(run.OutputPath("words.bin"));
        ml.Model.Save(words, rows.Schema, run.OutputPath("words.zip"));
        Console.WriteLine($"Written: {run.OutputPath("words.bin")} for fastText programs, {run.OutputPath("words.zip")} for ML.NET.");
        return words.Model;
    }

    /// <summary>
    /// How many tokens of a text the model has learned from in an epoch: those that are in its dictionary, the ends of lines among them, as the fastText
    /// program counts.
    /// </summary>
    private static long CountKnown(FastTextModel model, string path, CancellationToken cancellation)
    {
        HashSet<string> words = [.. model.Words];
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> known = words.GetAlternateLookup<ReadOnlySpan<char>>();
        long count = 0;
        int ofLine = words.Contains("</s>") ? 1 : 0;
        foreach (string line in File.ReadLines(path))
        {
            cancellation.ThrowIfCancellationRequested();
            count += ofLine;
            foreach (Range token in line.AsSpan().SplitAny(" \t\v\f\0"))
                count += token.Start.Value < token.End.Value && known.Contains(line.AsSpan()[token]) ? 1 : 0;
        }

        return count;
    }
}
