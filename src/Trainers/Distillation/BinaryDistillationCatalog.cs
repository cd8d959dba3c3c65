using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Small networks from other models of two classes, in ML.NET's catalogs.</summary>
public static class BinaryDistillationCatalog
{
    /// <summary>Trains a network to give the probability of a fitted classifier of two classes, of any kind.</summary>
    /// <param name="catalog">The catalog of binary trainers.</param>
    /// <param name="teacher">A fitted transformer, or chain of them, that adds Probability (Single), or a Score (Single) that is a logit.</param>
    /// <param name="labelColumnName">The label: a Boolean; or a Single: 0, 1, or NaN for a row that learns from the teacher alone.</param>
    /// <param name="featureColumnName">What the student reads: a vector of Single, or images.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (Boolean), Score (Single) and Probability (Single).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770; Hinton et al. 2015, arXiv:1503.02531. See <see
    /// cref="BinaryDistillationTrainer"/>, also on why OneVersusAll and PairwiseCoupling do not take it.</remarks>
    public static BinaryDistillationTrainer Distillation(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        ITransformer teacher,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        DistillationOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), teacher, labelColumnName, featureColumnName, options);
}
