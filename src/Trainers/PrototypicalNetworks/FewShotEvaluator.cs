using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Episodes;
using MLNet.Papers.Labels;
using MLNet.Papers.Training;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>The evaluation of section 3: random episodes over classes that the network was not trained on.</summary>
internal static class FewShotEvaluator
{
    public static FewShotMetrics Evaluate(IDataView data, PrototypicalNetworkTransformer transformer, int ways, int shots, int queries, int episodes, int seed)
    {
        LabelledRows rows = LabelledRows.Read(data, transformer.FeatureColumnName, transformer.LabelColumnName);
        int needed = shots + queries;
        int[][] all = rows.RowsByClass();
        int[] classes = [.. Enumerable.Range(0, all.Length).Where(index => all[index].Length >= needed)];
        if (classes.Length < ways)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Column '{transformer.LabelColumnName}' must have at least {ways} classes with shots + queries = {needed} rows each, but has {classes.Length}. Lower ways, shots or queries, or add rows."));
        }

        int size = transformer.EmbeddingSize;
        float[] embeddings = transformer.Embed(rows.Features);
        var sampler = new EpisodeSampler([.. classes.Select(index => all[index])], ways, shots, queries);
        double[] accuracies = new double[episodes];
        int[] asked = new int[classes.Length], right = new int[classes.Length];
        float[] query = new float[size], probabilities = new float[ways];
        for (int i = 0; i < episodes; i++)
        {
            Episode episode = sampler.Draw(StepRandom.Create(seed, i));
            var classifier = new PrototypeClassifier([.. Enumerable.Range(0, ways).Select(way => Mean(episode.Support.AsSpan(way * shots, shots)))], size, transformer.Distance);
            int rightHere = 0;
            for (int q = 0; q < episode.Queries.Length; q++)
            {
                int way = q / queries;
                Embedding(episode.Queries[q]).CopyTo(query);
                bool isRight = classifier.Classify(query, probabilities) == way + 1;
                asked[episode.Classes[way]]++;
                right[episode.Classes[way]] += isRight ? 1 : 0;
                rightHere += isRight ? 1 : 0;
            }

            accuracies[i] = (double)rightHere / episode.Queries.Length;
        }

        double mean = accuracies.Average();
        double deviation = episodes > 1 ? Math.Sqrt(accuracies.Sum(accuracy => (accuracy - mean) * (accuracy - mean)) / (episodes - 1)) : 0;
        return new FewShotMetrics(mean, 1.96 * deviation / Math.Sqrt(episodes), episodes,
        [
            .. Enumerable.Range(0, classes.Length).Where(i => asked[i] > 0)
                .Select(i => new FewShotClassMetrics(rows.Labels.Names[classes[i]], asked[i], (double)right[i] / asked[i])),
        ]);

        Span<float> Embedding(int row) => embeddings.AsSpan(row * size, size);

        float[] Mean(ReadOnlySpan<int> members)
        {
            float[] mean = new float[size];
            foreach (int row in members)
                System.Numerics.Tensors.TensorPrimitives.Add<float>(mean, Embedding(row), mean);
            System.Numerics.Tensors.TensorPrimitives.Divide(mean, members.Length, mean);
            return mean;
        }
    }
}
