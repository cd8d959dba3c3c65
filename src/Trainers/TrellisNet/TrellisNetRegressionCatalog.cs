using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>TrellisNet in ML.NET's catalog of regression trainers.</summary>
public static class TrellisNetRegressionCatalog
{
    /// <summary>Trains a trellis network: a deep causal convolution whose weights all levels share, to predict numbers from series.</summary>
    /// <param name="catalog">The catalog of regression trainers.</param>
    /// <param name="labelColumnName">The numbers to learn: a Single, or a vector of Single of known length.</param>
    /// <param name="featureColumnName">The series: a vector of Single, of known length or not, the values of a step beside each other; or a vector of
    /// keys.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its output is Score (Single, or vector of Single: the numbers).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Bai, Kolter and Koltun, "Trellis Networks for Sequence Modeling", ICLR 2019, arXiv:1810.06682. See
    /// <see cref="TrellisNetRegressionTrainer"/>.
    /// </remarks>
    public static TrellisNetRegressionTrainer TrellisNet(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        TrellisNetOptions? options = null) => new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);
}
