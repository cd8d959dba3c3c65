using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Model-agnostic meta-learning in ML.NET's catalogs.</summary>
public static class MamlCatalog
{
    /// <summary>
    /// Trains by model-agnostic meta-learning: an initialization from which few gradient steps on a few examples reach a classifier. New classes are taught to
    /// the fitted transformer by such steps (<see cref="MamlTransformer.WithSupport"/>).
    /// </summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="featureColumnName">The features: a vector of Single of known length, with finite values.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, arXiv:1703.03400. See
    /// <see cref="MamlTrainer"/>.
    /// </remarks>
    public static MamlTrainer Maml(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        MamlOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);
}
