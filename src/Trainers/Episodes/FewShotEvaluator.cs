using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.FewShot;
using MLNet.Papers.Labels;
using MLNet.Papers.Training;

namespace MLNet.Papers.Episodes;

/// <summary>The evaluation of section 3: random episodes over classes that the network was not trained on.</summary>
internal static class FewShotEvaluator
{
    public static FewShotMetrics Evaluate(
        IDataView data, FewShotTransformer transformer, int ways, int shots, int queries, int episodes, int seed, Action check)
    {
        LabelledRows rows = LabelledRows.Read(data, transformer.Features, transformer.LabelColumnName, check);
        long needed = (long)shots + queries;
        int[][] all = rows.RowsByClass();
        int[] classes = [.. Enumerable.Range(0, all.Length).Where(index => all[index].Length >= needed)];
        if (classes.Length < ways)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Column '{transformer.LabelColumnName}' must have at least {ways} classes with shots + queries = {needed} rows each, " +
                $"but has {classes.Length}. Lower ways, shots or queries, or add rows."));
        }

        TaskSolver solve = transformer.Solver(rows.Features, check);
        var sampler = new EpisodeSampler([.. classes.Select(index => all[index])], ways, shots, queries);
        double[] accuracies = new double[episodes];
        int[] asked = new int[classes.Length], right = new int[classes.Length];
        for (int i = 0; i < episodes; i++)
        {
            check();
            Episode episode = sampler.Draw(StepRandom.Create(seed, i));
            int[] answers = solve(episode.Support, shots, episode.Queries);
            int rightHere = 0;
            for (int q = 0; q < answers.Length; q++)
            {
                int way = q / queries;
                bool isRight = answers[q] == way;
                asked[episode.Classes[way]]++;
                right[episode.Classes[way]] += isRight ? 1 : 0;
                rightHere += isRight ? 1 : 0;
            }

            accuracies[i] = (double)rightHere / episode.Queries.Length;
        }

        double mean = accuracies.Average();
        double deviation = episodes > 1 ? Math.Sqrt(accuracies.Sum(accuracy => (accuracy - mean) * (accuracy - mean)) / (episodes - 1)) : double.NaN;
        return new FewShotMetrics(mean, 1.96 * deviation / Math.Sqrt(episodes), episodes,
        [
            .. Enumerable.Range(0, classes.Length).Where(i => asked[i] > 0)
                .Select(i => new FewShotClassMetrics(rows.Labels.Names[classes[i]], asked[i], (double)right[i] / asked[i])),
        ]);
    }
}
