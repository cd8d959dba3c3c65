using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>JANET in ML.NET's catalog of multiclass trainers.</summary>
public static class JanetCatalog
{
    /// <summary>Trains a classifier of series: a network of recurrent cells that have a forget gate alone.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="featureColumnName">The series: a vector of Single, of known length or not, the values of a step beside each other; or a vector of
    /// keys.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Van der Westhuizen and Lasenby, "The unreasonable effectiveness of the forget gate", 2018, arXiv:1804.04849. See
    /// <see cref="JanetClassifierTrainer"/>.
    /// </remarks>
    public static JanetClassifierTrainer Janet(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        JanetOptions? options = null) => new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);
}
