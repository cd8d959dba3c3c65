using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Prototypical networks in ML.NET's catalogs.</summary>
public static class PrototypicalNetworkCatalog
{
    /// <summary>
    /// Trains a prototypical network: an embedding in which a row belongs to the class whose mean it is closest to. New classes can be taught to the fitted
    /// transformer from a few examples, without training (<see cref="PrototypicalNetworkTransformer.WithSupport(IDataView)"/>).
    /// </summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="featureColumnName">The features: a vector of Single of known length, with finite values.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175. See <see cref="PrototypicalNetworkTrainer"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(
    ///         mlContext.MulticlassClassification.Trainers.PrototypicalNetwork(
    ///             "Label", "Pixels", new() { ImageShape = new(1, 28, 28), Ways = 20, Shots = 1 }));
    /// </code>
    /// </example>
    public static PrototypicalNetworkTrainer PrototypicalNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        PrototypicalNetworkOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);
}
