using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace MLNet.Papers.Interop;

/// <summary>A step of a chain of transformers, and where it is applied.</summary>
/// <param name="Transformer">The step.</param>
/// <param name="Scope">Where it is applied.</param>
internal sealed record ChainStep(ITransformer Transformer, TransformerScope Scope)
{
    /// <summary>For each column that a step of MapValueToKey makes, the column that it maps; none for other steps.</summary>
    public IReadOnlyDictionary<string, string> KeyMappings => Transformer is ValueToKeyMappingTransformer and OneToOneTransformerBase mapping
        ? mapping.ColumnPairs.ToDictionary(pair => pair.outputColumnName, pair => pair.inputColumnName)
        : new Dictionary<string, string>();
}

/// <summary>Takes chains of transformers apart and puts them together.</summary>
internal static class ChainSteps
{
    /// <summary>The steps of a chain; those of a chain in it stand in its place.</summary>
    public static IReadOnlyList<ChainStep> Of(ITransformer transformer) => [.. Flatten(transformer, TransformerScope.Everything)];

    /// <summary>A chain of steps.</summary>
    public static TransformerChain<ITransformer> ToChain(IReadOnlyList<ChainStep> steps) =>
        new(steps.Select(step => step.Transformer).ToArray(), steps.Select(step => step.Scope).ToArray());

    /// <summary>A step that gives a column another name.</summary>
    public static ChainStep Copy(IHostEnvironment environment, string output, string input) =>
        new(new ColumnCopyingTransformer(environment, (output, input)), TransformerScope.Everything);

    private static IEnumerable<ChainStep> Flatten(ITransformer transformer, TransformerScope scope) => transformer is ITransformerChainAccessor chain
        ? chain.Transformers.Zip(chain.Scopes).SelectMany(step => Flatten(step.First, scope & step.Second))
        : [new ChainStep(transformer, scope)];
}
