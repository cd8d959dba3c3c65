using MLNet.Papers;
using MLNet.Papers.Interop;
using MLNet.Papers.PrototypicalNetworks;

namespace Microsoft.ML;

/// <summary>Prototypical networks in ML.NET's catalogs.</summary>
public static class PrototypicalNetworkCatalog
{
    /// <summary>
    /// Trains a prototypical network: an embedding in which a row belongs to the class whose mean it is closest to. New classes can be taught to the fitted
    /// transformer from a few examples, without training (<see cref="PrototypicalNetworkTransformer.WithSupport"/>).
    /// </summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="featureColumnName">The features: a vector of Single of known length, with finite values.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175. See <see cref="PrototypicalNetworkTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(mlContext.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Pixels", new() { ImageShape = new(1, 28, 28), Ways = 20, Shots = 1 }));
    /// </code>
    /// </example>
    public static PrototypicalNetworkTrainer PrototypicalNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        PrototypicalNetworkOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);

    /// <summary>Measures how well a prototypical network tells classes apart that it learns from a few examples each, over many random episodes.</summary>
    /// <param name="catalog">The multiclass catalog.</param>
    /// <param name="data">Labelled rows with the transformer's feature and label columns; best of classes that the network was not trained on. Read into memory.</param>
    /// <param name="transformer">The fitted network.</param>
    /// <param name="ways">Classes in an episode. At least 2.</param>
    /// <param name="shots">Support examples of a class. At least 1.</param>
    /// <param name="queries">Query examples of a class. At least 1.</param>
    /// <param name="episodes">Episodes to draw. At least 1.</param>
    /// <param name="seed">Seed of the episodes; null takes the seed of the MLContext, and a fresh one where that has none.</param>
    /// <returns>Mean accuracy with its 95 % interval, and the accuracy of each class.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or a column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than <paramref name="ways"/> classes with shots + queries rows, or a feature is not finite.</exception>
    /// <remarks>Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, section 3. Classes with fewer rows are left out, and rows without a label too.</remarks>
    public static FewShotMetrics EvaluateFewShot(
        this MulticlassClassificationCatalog catalog,
        IDataView data,
        PrototypicalNetworkTransformer transformer,
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
        return FewShotEvaluator.Evaluate(data, transformer, ways, shots, queries, episodes, seed ?? Host.Seed(Host.EnvironmentOf(catalog)) ?? Random.Shared.Next());
    }
}
