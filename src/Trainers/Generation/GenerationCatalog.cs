using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Learning to make things: <c>mlContext.Generation</c>.</summary>
public sealed class GenerationCatalog
{
    internal GenerationCatalog(IHostEnvironment environment) => Trainers = new(environment);

    /// <summary>The trainers.</summary>
    public GenerationTrainers Trainers { get; }

    /// <summary>The trainers of generators; each technique adds its own as an extension method.</summary>
    public sealed class GenerationTrainers
    {
        internal GenerationTrainers(IHostEnvironment environment) => Environment = environment;

        internal IHostEnvironment Environment { get; }
    }
}

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
