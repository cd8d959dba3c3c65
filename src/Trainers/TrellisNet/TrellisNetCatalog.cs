using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>TrellisNet in ML.NET's catalog of multiclass trainers.</summary>
public static class TrellisNetCatalog
{
    /// <summary>Trains a classifier of series: a trellis network: a deep causal convolution whose weights all levels share.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="featureColumnName">The series: a vector of Single, of known length or not, the values of a step beside each other; or a vector of
    /// keys.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Bai, Kolter and Koltun, "Trellis Networks for Sequence Modeling", ICLR 2019, arXiv:1810.06682. See
    /// <see cref="TrellisNetClassifierTrainer"/>.
    /// </remarks>
    public static TrellisNetClassifierTrainer TrellisNet(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        TrellisNetOptions? options = null) => new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);
}
