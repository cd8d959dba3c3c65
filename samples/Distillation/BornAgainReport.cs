using System.Globalization;
using Spectre.Console;

namespace MLNet.Papers.Samples.Distillation;

/// <summary>What the born-again networks of one setting came to: shown on the console and noted in the figures of the run.</summary>
internal static class BornAgainReport
{
    /// <summary>Shows the errors over all seeds, and which lines of the reproduction hold.</summary>
    public static void Write(SampleRun run, BornAgainSetting setting, IReadOnlyList<BornAgainResult> results)
    {
        Table table = new Table().Title(Text($"{setting.Name}: test errors in %, {results.Count} seeds"))
            .AddColumns("").AddColumns(new TableColumn("Error").RightAligned(), new TableColumn("Gain on the teacher").RightAligned());
        double[] teacher = [.. results.Select(result => 100 - result.Generations[0])];
        Row("teacher (generation 0)", result => result.Generations[0]);
        Row("second network on the labels", result => result.SecondLabels);
        Row("ensemble of 2 on the labels", result => result.TwoLabels);
        Row("ensemble of 3 on the labels", result => result.ThreeLabels);
        Row("BAN+L, half and half", result => result.WithLabels);
        Row("CWTM", result => result.ConfidenceWeighted);
        Row("DKPP", result => result.PermutedPredictions);
        for (int generation = 1; generation < results[0].Generations.Length; generation++)
        {
            int of = generation;
            Row(Text($"BAN, generation {generation}"), result => result.Generations[of]);
        }

        Row("ensemble of generations 1 and 2", result => result.TwoBornAgain);
        Row("ensemble of generations 1 to 3", result => result.ThreeBornAgain);
        Row(Text($"BestOnValidation: chose {string.Join(", ", results.Select(result => result.ChosenGeneration))}"), result => result.Chosen);
        AnsiConsole.Write(table);
        Interval first = Difference(result => result.Generations[1], result => result.Generations[0]),
            later = Difference(result => result.Generations[3], result => result.Generations[1]);
        Interval ensembles = Difference(result => result.ThreeBornAgain, result => result.TwoLabels);
        Console.WriteLine($"Paired: generation 1 against the teacher {first} points; generation 3 against generation 1 {later};");
        Console.WriteLine($"generations 1 to 3 together against 2 networks on the labels {ensembles}.");

        string Named(string figure) => setting.Figure.Length == 0 ? figure : setting.Figure + char.ToUpperInvariant(figure[0]) + figure[1..];
        run.Record(Named("bornAgainGenerationPercents"),
            [.. Enumerable.Range(0, results[0].Generations.Length).Select(generation => results.Average(result => result.Generations[generation]))]);
        run.Record(Named("cwtmPercent"), results.Average(result => result.ConfidenceWeighted));
        run.Record(Named("dkppPercent"), results.Average(result => result.PermutedPredictions));
        run.Record(Named("banWithLabelsPercent"), results.Average(result => result.WithLabels));
        run.Record(Named("secondLabelsPercent"), results.Average(result => result.SecondLabels));
        run.Record(Named("labelEnsemble2Percent"), results.Average(result => result.TwoLabels));
        run.Record(Named("labelEnsemble3Percent"), results.Average(result => result.ThreeLabels));
        run.Record(Named("bornAgainEnsemble2Percent"), results.Average(result => result.TwoBornAgain));
        run.Record(Named("bornAgainEnsemble3Percent"), results.Average(result => result.ThreeBornAgain));
        run.Record(Named("chosenPercent"), results.Average(result => result.Chosen));
        run.Record(Named("generation0ChosenPercent"), 100.0 * results.Count(result => result.ChosenGeneration == 0) / results.Count);

        Interval Difference(Func<BornAgainResult, double> of, Func<BornAgainResult, double> than) =>
            Interval.OfDifference([.. results.Select(of)], [.. results.Select(than)]);

        void Row(string name, Func<BornAgainResult, double> percent)
        {
            double[] errors = [.. results.Select(result => 100 - percent(result))];
            table.AddRow(name, Interval.Of(errors).ToString(), Interval.OfDifference(teacher, errors).ToString());
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
