using Microsoft.ML.Runtime;

namespace MLNet.Papers;

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
