using Microsoft.ML;
using MLNet.Papers.Samples.Elmo;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Compares the word vectors of translations with others of the same text.</summary>
/// <param name="run">The run.</param>
/// <param name="seed">Seed of all that is random.</param>
/// <param name="epochs">How often each translation reads the pairs.</param>
/// <param name="withShuffled">
/// Whether there is a table of texts whose translations are shuffled, from which nothing can be learned but what words are frequent.
/// </param>
/// <param name="note">Receives the figures.</param>
internal sealed class TranslationTables(SampleRun run, int seed, int epochs, bool withShuffled, Action<string, double> note)
{
    private const int ComparedWords = 1_500;
    private const double LeastTagShare = 0.6;
    private const int TableSize = 128;
    private const int LeastCount = 3;
    private const double InitialScale = 0.03;
    private const int RelatedPairs = 300;
    private const int LeastTogether = 20;

    /// <summary>Hill et al.: the table of each translation, of skip-gram on the same English text, and random vectors.</summary>
    /// <param name="languages">The texts and their translations into each language.</param>
    /// <param name="alignments">Which word comes from which, for each language.</param>
    /// <param name="brown">The parts of speech of words, or null: then nothing is said of them.</param>
    public void Compare(Dictionary<string, TokenPair[]> languages, Dictionary<string, WordAlignment> alignments, PartsOfSpeechData? brown)
    {
        Dictionary<string, FastTextModel> tables = languages.ToDictionary(
            language => $"Translation{language.Key}", language => Learn($"into '{language.Key}'", language.Value));
        if (withShuffled)
            tables.Add("Shuffled", Learn("shuffled sentences", Shuffled(languages[TokenPair.German])));
        FastTextModel skipGram = run.NewContext().Transforms.Text.FeaturizeTextWithFastText(
            "Features", "Text", new() { Dimension = TableSize, MinCount = LeastCount, MaxN = 0, Epochs = 15, Seed = seed })
            .Fit(PlainText.Rows(run.NewContext(), languages[TokenPair.German].Select(pair => string.Join(' ', pair.Source)))).Model;

        Dictionary<string, string>? tags = brown is null ? null : MajorityTags(brown);
        Dictionary<string, Dictionary<string, string>> translations = languages.Keys.ToDictionary(
            language => language, language => MostFrequentTranslations(languages[language], alignments[language]));
        string[] words = [.. skipGram.Words.Where(IsKnownToAll).Take(ComparedWords)];
        var neighbours = new Neighbours(words);
        IReadOnlyList<(int, int)> related = Related(words, languages[TokenPair.German]);
        var random = new Random(seed);
        float[][] chance = [.. words.Select(_ => Enumerable.Range(0, TableSize).Select(_ => (float)random.NextDouble() - 0.5f).ToArray())];
        note("comparedWords", words.Length);
        if (tags is not null)
            note("tagChance", neighbours.Chance(tags));
        foreach ((string language, Dictionary<string, string> known) in translations)
            note($"translated{language}Most", neighbours.Most(known));
        foreach ((string name, float[][] vectors) in tables.Select(table => (table.Key, Vectors(table.Value))).Append(("SkipGram", Vectors(skipGram)))
            .Append(("Random", chance)))
        {
            if (tags is not null)
                note($"tag{name}", neighbours.Agreement(vectors, tags));
            foreach ((string language, Dictionary<string, string> known) in translations)
            {
                double agreement = neighbours.Agreement(vectors, known), most = neighbours.Most(known);
                note($"translated{language}{name}", agreement);
                note($"translated{language}{name}OfMost", most > 0 ? 100 * agreement / most : 0);
            }

            note($"relatedRank{name}", neighbours.MeanRank(vectors, related));
        }

        float[][] Vectors(FastTextModel model) => [.. words.Select(model.GetWordVector)];

        bool IsKnownToAll(string word) =>
            tags?.ContainsKey(word) != false
            && tables.Values.All(table => table.WordVectors.ContainsKey(word))
            && translations.Values.All(known => known.ContainsKey(word));
    }

    private FastTextModel Learn(string what, TokenPair[] pairs)
    {
        Console.WriteLine($"Learning to translate {what}.");
        var options = new TranslationOptions
        {
            TargetColumnName = nameof(TextPair.Target),
            EmbeddingSize = TableSize,
            HiddenSize = TableSize,
            Layers = 1,
            InitialVectorScale = InitialScale,
            MinSourceCount = LeastCount,
            MinTargetCount = LeastCount,
            Epochs = epochs,
            ValidationInterval = 200,
            Seed = seed,
        };
        using TranslationTransformer translation = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
        {
            options.Progress = progress;
            return run.NewContext().Transforms.Text.Translate("Translation", nameof(TextPair.Source), options).Fit(TokenPair.Rows(run.NewContext(), pairs));
        });
        return translation.WordVectors;
    }

    private TokenPair[] Shuffled(TokenPair[] pairs)
    {
        string[][] targets = Array.ConvertAll(pairs, pair => pair.Target);
        new Random(seed).Shuffle(targets);
        return [.. pairs.Zip(targets, (pair, target) => pair with { Target = target })];
    }

    private static Dictionary<string, string> MajorityTags(PartsOfSpeechData brown) => brown.Training.Concat(brown.Held).SelectMany(sentence => sentence)
        .GroupBy(word => word.Word.ToLowerInvariant())
        .Select(word => (word.Key, Total: word.Count(), Most: word.GroupBy(token => token.Tag).MaxBy(tag => tag.Count())!))
        .Where(word => word.Most.Count() >= LeastTagShare * word.Total)
        .ToDictionary(word => word.Key, word => word.Most.Key);

    private static Dictionary<string, string> MostFrequentTranslations(TokenPair[] pairs, WordAlignment alignment) => pairs
        .SelectMany(pair => pair.Source.Zip(alignment.Links(pair.Source, pair.Target)))
        .Where(link => link.Second is not null)
        .GroupBy(link => link.First, link => link.Second!)
        .ToDictionary(word => word.Key, word => word.GroupBy(choice => choice).MaxBy(choice => choice.Count())!.Key);

    // The words that stand together in a sentence far more often than by chance: pointwise mutual information.
    private static IReadOnlyList<(int First, int Second)> Related(string[] words, TokenPair[] pairs)
    {
        Dictionary<string, int> numbers = words.Index().ToDictionary(word => word.Item, word => word.Index);
        int[] counts = new int[words.Length];
        var together = new Dictionary<(int, int), int>();
        foreach (string[] source in pairs.Select(pair => pair.Source))
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
}
