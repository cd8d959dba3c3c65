using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>JANET in ML.NET's catalog of regression trainers.</summary>
public static class JanetRegressionCatalog
{
    /// <summary>Trains a network of recurrent cells that have a forget gate alone, to predict numbers from series.</summary>
    /// <param name="catalog">The catalog of regression trainers.</param>
    /// <param name="labelColumnName">The numbers to learn: a Single, or a vector of Single of known length.</param>
    /// <param name="featureColumnName">The series: a vector of Single, of known length or not, the values of a step beside each other; or a vector of
    /// keys.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its output is Score (Single, or vector of Single: the numbers).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Van der Westhuizen and Lasenby, "The unreasonable effectiveness of the forget gate", 2018, arXiv:1804.04849. See
    /// <see cref="JanetRegressionTrainer"/>.
    /// </remarks>
    public static JanetRegressionTrainer Janet(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        JanetOptions? options = null) => new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);
}
