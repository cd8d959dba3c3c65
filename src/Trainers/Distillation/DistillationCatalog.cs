using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Small networks from other models, and networks that teach themselves, in ML.NET's catalogs.</summary>
public static class DistillationCatalog
{
    /// <summary>Trains a network to give the class probabilities of a fitted classifier of any kind.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="teacher">A fitted transformer, or chain of them, that adds Score: a vector of Single, one a class.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean. It may be missing in rows, which then learn from the teacher
    /// alone.</param>
    /// <param name="featureColumnName">What the student reads: a vector of Single, or images.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770; Hinton et al. 2015, arXiv:1503.02531. See <see
    /// cref="DistillationTrainer"/>.</remarks>
    public static DistillationTrainer Distillation(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        ITransformer teacher,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        DistillationOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), teacher, labelColumnName, featureColumnName, options);

    /// <summary>Trains a network on labels, and then networks like it, each on the outputs of the one before.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="featureColumnName">The features: a vector of Single, or images.</param>
    /// <param name="options">How the networks are built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770. See <see cref="BornAgainNetworkTrainer"/>.</remarks>
    public static BornAgainNetworkTrainer BornAgainNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        BornAgainOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);
}
