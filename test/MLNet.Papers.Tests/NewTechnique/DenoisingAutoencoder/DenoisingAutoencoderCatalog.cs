using Microsoft.ML;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Tests.NewTechnique.DenoisingAutoencoder;

/// <summary>Denoising autoencoders in ML.NET's catalogs.</summary>
internal static class DenoisingAutoencoderCatalog
{
    /// <summary>Learns codes of rows from which the rows can be restored, although some of their values were missing.</summary>
    public static DenoisingAutoencoderEstimator FeaturizeWithDenoisingAutoencoder(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, DenoisingAutoencoderOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName, options);
}
