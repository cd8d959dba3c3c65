using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Episodes;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>The evaluation of few-shot classifiers in ML.NET's catalogs.</summary>
public static class FewShotCatalog
{
    /// <summary>Measures how well a few-shot classifier tells classes apart that it learns from a few examples each, over many random episodes.</summary>
    /// <param name="catalog">The multiclass catalog.</param>
    /// <param name="data">
    /// Labelled rows with the transformer's feature and label columns; best of classes that the network was not trained on. Read into memory.
    /// </param>
    /// <param name="transformer">The fitted classifier; the classes that it knows do not matter.</param>
    /// <param name="ways">Classes in an episode. At least 2.</param>
    /// <param name="shots">Support examples of a class. At least 1.</param>
    /// <param name="queries">Query examples of a class. At least 1.</param>
    /// <param name="episodes">Episodes to draw. At least 1.</param>
    /// <param name="seed">Seed of the episodes; null takes the seed of the MLContext, and a fresh one where that has none.</param>
    /// <returns>Mean accuracy with its 95 % interval, and the accuracy of each class.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or a column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than <paramref name="ways"/> classes with shots + queries rows, or a feature is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    /// <remarks>
    /// Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, section 3. Classes with fewer rows are left out, and rows without a
    /// label too.
    /// </remarks>
    public static FewShotMetrics EvaluateFewShot(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        FewShotTransformer transformer,
        int ways = 5,
        int shots = 1,
        int queries = 5,
        int episodes = 1_000,
        int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(transformer);
        ArgumentOutOfRangeException.ThrowIfLessThan(ways, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(shots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 1);
        transformer.GetOutputSchema(data.Schema);
        IHostEnvironment environment = Host.EnvironmentOf(catalog);
        return FewShotEvaluator.Evaluate(
            data, transformer, ways, shots, queries, episodes, seed ?? Host.Seed(environment) ?? Random.Shared.Next(), () => Host.ThrowIfCanceled(environment));
    }
}
