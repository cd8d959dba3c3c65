using System.CommandLine;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Texts;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.Elmo;

/// <summary>Shows that a word's vector depends on its sense: occurrences that are near to each other mean the same.</summary>
internal sealed class ContextCommand : SampleCommand
{
    private const int MostOccurrences = 400;
    private const int WindowReach = 5;

    private readonly Option<string?> _data = new("--data")
    {
        Description = "A text file, a sentence a line, words between spaces. Without it, the documentation that comes with the .NET SDK.",
        HelpName = "FILE",
    };

    private readonly Option<string> _word =
        new("--word") { Description = "The word whose occurrences are shown and drawn.", HelpName = "WORD", DefaultValueFactory = _ => "key" };

    private readonly Option<int> _epochs =
        new("--epochs") { Description = "How often the language model reads the text.", HelpName = "N", DefaultValueFactory = _ => 1 };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public ContextCommand() => OptionRules.Between(_epochs, 1, 1_000);

    /// <inheritdoc/>
    public override string Name => "context";

    /// <inheritdoc/>
    public override string Description =>
        "ELMo: learns from the documentation of .NET, and finds for occurrences of an ambiguous word those of the same sense; beside it, static vectors. " +
        "Needs about 10 minutes an epoch.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _word, _epochs];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string? path = arguments.GetValue(_data);
        if (path is not null && !File.Exists(path))
            throw new InputException($"'{path}' does not exist.");
        string[] lines =
        [
            .. (path is null ? ApiDocumentation.Lines(DotnetInstallation.DocumentationFiles()) : PlainText.Lines(path)).Where(line => line.Contains(' '))
                .Distinct(),
        ];
        string word = arguments.GetValue(_word)!;
        Console.WriteLine(Invariant($"{lines.Length} different lines, {lines.Sum(line => (long)line.Count(letter => letter == ' ') + 1)} words."));

        MLContext ml = run.NewContext();
        using ElmoTransformer elmo = Learn(ml, lines, run.Seed, arguments.GetValue(_epochs));
        ml.Model.Save(elmo, PlainText.Rows(ml, []).Schema, run.OutputPath("elmo.zip"));
        Console.WriteLine($"Written: {run.OutputPath("elmo.zip")}");
        IReadOnlyList<WordOccurrence> listed = SenseList.Find(lines);
        IReadOnlyList<WordOccurrence> comparable =
            [.. listed.GroupBy(occurrence => occurrence.Word).Where(group => group.Count() > 1).SelectMany(group => group)];
        if (comparable.Count > 0)
            Compare(run, elmo, lines, comparable);
        ShowWord(run, elmo, lines, word, [.. listed.Where(occurrence => occurrence.Word == word)]);
    }

    private static ElmoTransformer Learn(MLContext ml, string[] lines, int seed, int epochs) =>
        TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
            ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", new()
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
                Seed = seed,
                Progress = progress,
            }).Fit(PlainText.Rows(ml, lines)));

    /// <summary>How often the nearest occurrence of the same word has the same sense.</summary>
    private static void Compare(SampleRun run, ElmoTransformer elmo, string[] lines, IReadOnlyList<WordOccurrence> occurrences)
    {
        MLContext ml = run.NewContext();
        Console.WriteLine("Learning fastText vectors from the same text.");
        FastTextModel words = ml.Transforms.Text
            .FeaturizeTextWithFastText("Features", "Text", new() { Dimension = 128, MinCount = 3, Seed = run.Seed, Threads = 1 })
            .Fit(PlainText.Rows(ml, lines)).Model;
        float[][][] layers = Layers(run.NewContext(), elmo, occurrences);
        var rows = new List<(string Name, string Figure, float[][] Vectors)>();
        for (int layer = 0; layer <= elmo.LayerCount; layer++)
            rows.Add((layer == 0 ? "ELMo, context-free layer" : $"ELMo, layer {layer}", $"layer{layer}Percent", [.. layers.Select(all => all[layer])]));
        rows.Add(("fastText, the word alone", "staticPercent", [.. occurrences.Select(occurrence => words.GetWordVector(occurrence.Word))]));
        rows.Add(("fastText, mean of the words around it", "staticWindowPercent", [.. occurrences.Select(occurrence => Window(words, occurrence))]));

        Table table = new Table().Title(Invariant($"Nearest occurrence has the same sense, in % of {occurrences.Count}")).AddColumn("Vectors");
        string[] names = [.. occurrences.Select(occurrence => occurrence.Word).Distinct()];
        foreach (string name in names)
            table.AddColumn(new TableColumn(name).RightAligned());
        table.AddColumn(new TableColumn("all").RightAligned());
        foreach ((string name, string figure, float[][] vectors) in rows)
        {
            double[] right = [.. occurrences.Select((_, i) => ChanceOfSameSense(occurrences, vectors, i))];
            run.Record(figure, 100 * right.Average());
            table.AddRow(
                [
                    name,
                    .. names.Select(word => Invariant($"{100 * right.Where((_, i) => occurrences[i].Word == word).Average():F0}")),
                    Invariant($"{100 * right.Average():F0}"),
                ]);
        }

        run.Record("occurrences", occurrences.Count);
        AnsiConsole.Write(table);
    }

    // Where several are equally near, as all are with a vector that knows no context, each of them may be the one.
    private static double ChanceOfSameSense(IReadOnlyList<WordOccurrence> occurrences, float[][] vectors, int index)
    {
        int[] others = [.. Enumerable.Range(0, occurrences.Count).Where(other => other != index && occurrences[other].Word == occurrences[index].Word)];
        float[] similarities = [.. others.Select(other => TensorPrimitives.CosineSimilarity<float>(vectors[index], vectors[other]))];
        float greatest = similarities.Max();
        return others.Where((_, i) => similarities[i] >= greatest - 1e-6f).Average(other => occurrences[other].Sense == occurrences[index].Sense ? 1.0 : 0);
    }

    private static float[] Window(FastTextModel words, WordOccurrence occurrence)
    {
        float[] sum = new float[words.Dimension];
        for (int place = Math.Max(0, occurrence.Place - WindowReach); place <= Math.Min(occurrence.Tokens.Length - 1, occurrence.Place + WindowReach); place++)
        {
            if (place != occurrence.Place)
                TensorPrimitives.Add(sum, words.GetWordVector(occurrence.Tokens[place]), sum);
        }

        return sum;
    }

    /// <summary>The word's vector in each layer, for each of some occurrences.</summary>
    private static float[][][] Layers(MLContext ml, ElmoTransformer elmo, IReadOnlyList<WordOccurrence> occurrences)
    {
        using ElmoTransformer layers = elmo.WithOutputs(
            "Pooled", "Text", new() { Representation = ElmoRepresentation.AllLayers, TokenVectorsColumnName = "Vectors" });
        IDataView view = layers.Transform(PlainText.Rows(ml, occurrences.Select(occurrence => string.Join(' ', occurrence.Tokens))));
        int all = layers.TokenVectorSize, size = all / (elmo.LayerCount + 1);
        return [.. view.GetColumn<float[]>("Vectors").Select((vectors, i) => vectors.AsSpan(occurrences[i].Place * all, all).ToArray().Chunk(size).ToArray())];
    }

    private static void ShowWord(SampleRun run, ElmoTransformer elmo, string[] lines, string word, IReadOnlyList<WordOccurrence> listed)
    {
        string[] holding = [.. lines.Where(line => $" {line} ".Contains($" {word} ", StringComparison.Ordinal))];
        new Random(run.Seed).Shuffle(holding);
        List<WordOccurrence> occurrences = [.. listed];
        foreach (string line in holding.Where(line => listed.All(occurrence => string.Join(' ', occurrence.Tokens) != line))
            .Take(MostOccurrences - listed.Count))
        {
            string[] tokens = line.Split(' ');
            occurrences.Add(new WordOccurrence(word, "", tokens, Array.IndexOf(tokens, word)));
        }

        if (occurrences.Count < 10)
        {
            Console.WriteLine(Invariant($"'{word}' stands in {occurrences.Count} lines, too few to show."));
            return;
        }

        float[][] vectors = [.. Layers(run.NewContext(), elmo, occurrences).Select(layers => layers[^1])];
        Table table = new Table().Title($"The nearest of {occurrences.Count} occurrences of '{word}', by the top layer").AddColumn("Occurrence")
            .AddColumn("Nearest");
        for (int i = 0; i < Math.Max(listed.Count, 6); i++)
        {
            int nearest = Enumerable.Range(0, occurrences.Count).Where(other => other != i)
                .MaxBy(other => TensorPrimitives.CosineSimilarity<float>(vectors[i], vectors[other]));
            table.AddRow(Markup.Escape(occurrences[i].Context(6)), Markup.Escape(occurrences[nearest].Context(6)));
        }

        AnsiConsole.Write(table);
        SensePicture.Save(run, word, occurrences, vectors);
    }
}
