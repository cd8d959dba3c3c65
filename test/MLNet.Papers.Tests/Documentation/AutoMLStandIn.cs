using Microsoft.ML;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>
/// Stands where the package Microsoft.ML.AutoML would, which the tests do without: it calls a factory once, as a first trial does, with the options' defaults.
/// </summary>
public static class AutoMLStandIn
{
    /// <inheritdoc cref="AutoMLStandIn"/>
    public static Catalog Auto(this MLContext ml) => new(ml);

    /// <inheritdoc cref="AutoMLStandIn"/>
    public sealed class Catalog(MLContext ml)
    {
        /// <inheritdoc cref="AutoMLStandIn"/>
        public IEstimator<ITransformer> CreateSweepableEstimator<TOptions>(
            Func<MLContext, TOptions, IEstimator<ITransformer>> factory, SearchSpace<TOptions> searchSpace)
            where TOptions : class, new() => factory(ml, searchSpace.Default);
    }
}

/// <summary>Stands where AutoML's class of this name would.</summary>
/// <typeparam name="TOptions">The options that are swept.</typeparam>
public sealed class SearchSpace<TOptions>
    where TOptions : class, new()
{
    /// <summary>What the first trial gets.</summary>
    public TOptions Default { get; } = new();
}
