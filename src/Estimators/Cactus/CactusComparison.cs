using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Cactus;
using MLNet.Papers.FewShot;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>How well a classifier answers the queries of a task.</summary>
/// <param name="Name">The classifier.</param>
/// <param name="Accuracy">The part of the queries that it classified rightly, from 0 to 1.</param>
public sealed record ComparedAccuracy(string Name, double Accuracy);

/// <summary>Compares what CACTUs learned with what the same few labels give without it.</summary>
public static class CactusComparison
{
    /// <summary>The name of CACTUs among the compared.</summary>
    public const string Cactus = "CACTUs";

    /// <summary>Answers the queries of a task with CACTUs, with the baselines of the paper on the same embeddings, and with other classifiers.</summary>
    /// <param name="transformer">What was learned from unlabelled rows.</param>
    /// <param name="support">Labelled rows, with the embedding column if the transformer has one.</param>
    /// <param name="query">Rows of the same classes with their labels, which are only used to count what is right.</param>
    /// <param name="labelColumnName">The classes: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="others">
    /// Other classifiers by their names, which are given the same support: such as one that learned from random groups of the same rows, and the oracle, which
    /// learned from true classes. Null for none.
    /// </param>
    /// <param name="seed">Seed of the baselines that begin with random weights.</param>
    /// <returns>
    /// <see cref="Cactus"/>; the others; and the baselines: class means of the rows, of the embeddings and of an untrained network; nearest neighbour,
    /// multinomial logistic regression (L2, C = 1), a perceptron with 128 hidden units and dropout 0.5, and cluster matching, all on the embeddings; and the
    /// network of MAML trained from scratch on the support.
    /// Cluster matching is left out where no clusters were learned from.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// A label is missing, a number is not finite, a query's class is not in the support, or there are fewer than two classes.
    /// </exception>
    /// <remarks>
    /// Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019, arXiv:1810.02334, section 4. There the perceptron stops when the loss of the
    /// queries rises; here when that of the support no longer falls, since the labels of queries are not to be known.
    /// </remarks>
    public static IReadOnlyList<ComparedAccuracy> CompareWithBaselines(
        this CactusTransformer transformer,
        IDataView support,
        IDataView query,
        string labelColumnName = "Label",
        IReadOnlyDictionary<string, FewShotTransformer>? others = null,
        int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentNullException.ThrowIfNull(support);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        CactusTransformer.State parts = transformer.Parts;
        TorchDevice device = TorchDevice.Of(transformer.Environment);
        LabelledRows given = SupportSet.Read(support, transformer.Features, labelColumnName);
        int[] answers = Answers(query, given, transformer.Features, labelColumnName, out LabelledRows asked);
        var rows = new VectorTask(given.Features, given.Size, given.Classes, asked.Features);
        var embeddings = parts.Space is { } space
            ? new VectorTask(space.Embed(given.Features, device), parts.EmbeddingSize, given.Classes, space.Embed(asked.Features, device))
            : new VectorTask(Column(support), parts.EmbeddingSize, given.Classes, Column(query));

        List<ComparedAccuracy> all = [];
        using (FewShotTransformer learned = transformer.WithSupport(support, labelColumnName))
            all.Add(new(Cactus, Accuracy(Predict(learned, query))));
        foreach ((string name, FewShotTransformer other) in others ?? new Dictionary<string, FewShotTransformer>())
        {
            using FewShotTransformer taught = other.WithSupport(support);
            all.Add(new(name, Accuracy(Predict(taught, query))));
        }

        all.Add(new("class means of rows", Accuracy(ClassMeans.Answer(rows))));
        all.Add(new("class means of embeddings", Accuracy(ClassMeans.Answer(embeddings))));
        all.Add(new("class means of an untrained network", Accuracy(ClassMeans.Answer(UntrainedNetwork.Embed(rows, parts.Network, device, seed)))));
        all.Add(new("nearest neighbour", Accuracy(NearestNeighbour.Answer(embeddings))));
        all.Add(new("linear", Accuracy(LogisticRegression.Answer(embeddings))));
        all.Add(new("perceptron with dropout", Accuracy(DropoutPerceptron.Answer(embeddings, device, seed))));
        if (parts.Centroids.Length > 0)
            all.Add(new("cluster matching", Accuracy(ClusterMatching.Answer(embeddings, parts.Centroids))));
        all.Add(new("from scratch", Accuracy(ScratchNetwork.Answer(rows, parts.Network, device, seed))));
        return all;

        double Accuracy(int[] predicted) => predicted.Zip(answers).Average(pair => pair.First == pair.Second ? 1.0 : 0);

        float[] Column(IDataView data)
        {
            return LabelledRows.ReadFeatures(data, new FeatureColumn(transformer.EmbeddingColumnName!, Image: null) { Length = parts.EmbeddingSize });
        }
    }

    // For each query its class among those of the support.
    private static int[] Answers(IDataView query, LabelledRows given, FeatureColumn features, string labelColumn, out LabelledRows asked)
    {
        asked = LabelledRows.Read(query, features, labelColumn);
        if (asked.WithoutLabel > 0)
        {
            throw new InvalidOperationException(
                $"Column '{labelColumn}' must name a class in every query, but is missing in {asked.WithoutLabel} of {asked.Count + asked.WithoutLabel}. " +
                "Drop these rows or label them.");
        }

        if (asked.Count == 0)
            throw new InvalidOperationException("There are no queries: they must have at least 1 row.");
        int[] known = [.. asked.Labels.Names.Select(given.Labels.Find)];
        LabelledRows rows = asked;
        if (asked.Classes.Where(index => known[index] < 0).Select(index => rows.Labels.Names[index]).FirstOrDefault() is { } unknown)
            throw new InvalidOperationException($"Column '{labelColumn}' of the queries has the class '{unknown}', which the support does not have.");
        return Array.ConvertAll(asked.Classes, index => known[index]);
    }

    private static int[] Predict(FewShotTransformer model, IDataView query) =>
        [.. model.Transform(query).GetColumn<uint>(MulticlassColumns.PredictedLabel).Select(key => (int)key - 1)];
}
