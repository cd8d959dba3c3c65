using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Characters;
using Spectre.Console;

namespace MLNet.Papers.Samples.Cactus;

/// <summary>
/// What was learned without labels against the baselines of the paper: measured on the same tasks, shown on the console and noted in the figures of the run.
/// </summary>
internal static class UnlabelledReport
{
    /// <summary>CACTUs with MAML as its learner.</summary>
    public const string Maml = "CACTUs-MAML";

    /// <summary>CACTUs with the plain clusters alone.</summary>
    public const string OnePartition = "one partition";

    /// <summary>CACTUs from groups that were drawn at random.</summary>
    public const string RandomLabels = "random labels";

    private const string Oracle = "oracle with labels";
    private const string Proto = "CACTUs-ProtoNets";

    private static readonly (int Ways, int Shots, string Figure)[] Protocols = [(5, 1, "FiveWayOneShotPercent"), (5, 5, "FiveWayFiveShotPercent")];

    private static readonly string[] Learners = [CactusComparison.Cactus, Maml, OnePartition, RandomLabels, Oracle];

    /// <summary>Accuracy over tasks of characters that were not learned from.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="learned">CACTUs-ProtoNets.</param>
    /// <param name="others">What else was learned without labels.</param>
    /// <param name="oracle">What was learned from labels.</param>
    /// <param name="images">Images of other characters.</param>
    /// <param name="tasks">How many tasks of each kind.</param>
    /// <param name="run">Seed and figures.</param>
    public static void Accuracy(
        MLContext ml,
        CactusTransformer learned,
        IReadOnlyDictionary<string, CactusTransformer> others,
        PrototypicalNetworkTransformer oracle,
        IReadOnlyList<CharacterImage> images,
        int tasks,
        SampleRun run)
    {
        CharacterImage[][] classes = [.. images.GroupBy(image => image.Character).Select(group => group.ToArray())];
        var columns = new List<(string Title, Dictionary<string, double[]> Accuracies)>();
        foreach ((int ways, int shots, string figure) in Protocols)
        {
            int queries = Math.Min(5, classes.Max(members => members.Length) - shots);
            CharacterImage[][] usable = [.. classes.Where(members => members.Length >= shots + queries)];
            if (queries < 1 || usable.Length < ways)
                continue;
            Dictionary<string, double[]> accuracies = Measure(ml, learned, others, oracle, usable, ways, shots, queries, tasks, run);
            columns.Add((Text($"{ways}-way {shots}-shot"), accuracies));
            (string best, double[] baseline) = accuracies.Where(entry => !Learners.Contains(entry.Key)).MaxBy(entry => entry.Value.Average());
            run.Record($"cactusProto{figure}", 100 * accuracies[CactusComparison.Cactus].Average());
            if (accuracies.TryGetValue(Maml, out double[]? maml))
                run.Record($"cactusMaml{figure}", 100 * maml.Average());
            run.Record($"bestBaseline{figure}", 100 * baseline.Average());
            run.Record($"oracle{figure}", 100 * accuracies[Oracle].Average());
            if (accuracies.TryGetValue(OnePartition, out double[]? one))
                run.Record($"onePartition{figure}", 100 * one.Average());
            if (accuracies.TryGetValue(RandomLabels, out double[]? random))
                run.Record($"randomLabels{figure}", 100 * random.Average());
            Console.WriteLine(Text($"{ways}-way {shots}-shot: best baseline '{best}', {100 * baseline.Average():F1} %."));
        }

        Table table = new Table().Title("Accuracy on characters it never saw, in % (95 % interval)").AddColumn("Learner");
        foreach ((string title, _) in columns)
            table.AddColumn(new TableColumn(title).RightAligned());
        foreach (string name in columns[0].Accuracies.Keys.OrderBy(name => Array.IndexOf(Learners, name) is >= 0 and var place ? place : Learners.Length))
            table.AddRow([name == CactusComparison.Cactus ? Proto : name, .. columns.Select(column => Percent(column.Accuracies[name]))]);
        AnsiConsole.Write(table);
        Console.WriteLine(Text($"{tasks} tasks for each column, the same ones for all."));
    }

    private static Dictionary<string, double[]> Measure(
        MLContext ml,
        CactusTransformer learned,
        IReadOnlyDictionary<string, CactusTransformer> others,
        PrototypicalNetworkTransformer oracle,
        CharacterImage[][] classes,
        int ways,
        int shots,
        int queries,
        int tasks,
        SampleRun run)
    {
        var accuracies = new Dictionary<string, double[]>();
        Dictionary<string, FewShotTransformer> compared = [];
        for (int task = 0; task < tasks; task++)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            Random random = RandomDraws.For(run.Seed, ways, shots, task);
            CharacterImage[][] drawn = [.. Draw(classes, ways, random).Select(members => Draw(members, shots + queries, random))];
            IDataView support = LabelledImage.View(ml, drawn.SelectMany(members => members[..shots])),
                query = LabelledImage.View(ml, drawn.SelectMany(members => members[shots..]));
            if (compared.Count == 0)
            {
                compared = others.ToDictionary(entry => entry.Key, entry => entry.Value.WithSupport(support));
                compared[Oracle] = oracle;
            }

            foreach (ComparedAccuracy compare in learned.CompareWithBaselines(support, query, others: compared, seed: run.Seed))
            {
                if (!accuracies.TryGetValue(compare.Name, out double[]? values))
                    accuracies[compare.Name] = values = new double[tasks];
                values[task] = compare.Accuracy;
            }
        }

        foreach (string name in others.Keys)
            compared[name].Dispose();
        return accuracies;
    }

    private static T[] Draw<T>(T[] items, int count, Random random)
    {
        T[] shuffled = [.. items];
        random.Shuffle(shuffled);
        return shuffled[..count];
    }

    private static string Percent(double[] accuracies)
    {
        double mean = accuracies.Average(), deviation = Math.Sqrt(accuracies.Sum(value => (value - mean) * (value - mean)) / (accuracies.Length - 1));
        return Text($"{100 * mean:F1} ± {100 * 1.96 * deviation / Math.Sqrt(accuracies.Length):F1}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
