using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>The catalog of generation on an <see cref="MLContext"/>.</summary>
public static class GenerationCatalogExtensions
{
    extension(MLContext context)
    {
        /// <summary>Trainers of networks that make things, such as images.</summary>
        /// <exception cref="ArgumentNullException">The context is null.</exception>
        public GenerationCatalog Generation
        {
            get
            {
                ArgumentNullException.ThrowIfNull(context);
                return new(Host.EnvironmentOf(context.Transforms));
            }
        }
    }
}
