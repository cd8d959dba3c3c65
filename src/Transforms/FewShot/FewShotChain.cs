using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;

namespace MLNet.Papers.FewShot;

/// <summary>A chain of transformers around one that is taught classes.</summary>
/// <remarks>
/// Steps of MapValueToKey that map the label before it are left out: their keys are those of the classes of the fit, so that every new class would be missing.
/// The classifier reads the values themselves, and gives them as keys of its classes.
/// </remarks>
internal sealed class FewShotChain
{
    private readonly IReadOnlyList<ChainStep> _before;
    private readonly ChainStep _taught;
    private readonly IReadOnlyList<ChainStep> _after;

    private FewShotChain(IReadOnlyList<ChainStep> before, ChainStep taught, IReadOnlyList<ChainStep> after) =>
        (_before, _taught, _after) = (before, taught, after);

    /// <summary>What is taught.</summary>
    public ITaughtBySupport Taught => (ITaughtBySupport)_taught.Transformer;

    /// <summary>Finds what is taught in a chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="labelColumnName">The column that names the classes; null for the transformer's own.</param>
    /// <exception cref="ArgumentException">There is no such transformer, or more than one.</exception>
    public static FewShotChain Of(ITransformer chain, string? labelColumnName = null)
    {
        IReadOnlyList<ChainStep> steps = ChainSteps.Of(chain);
        int[] taught = [.. Enumerable.Range(0, steps.Count).Where(place => steps[place].Transformer is ITaughtBySupport)];
        if (taught is not [var place])
        {
            throw new ArgumentException(
                $"The chain must have one few-shot classifier, or one CactusTransformer, among its steps, but has {taught.Length} among " +
                $"{string.Join(", ", steps.Select(step => step.Transformer.GetType().Name))}.", nameof(chain));
        }

        var found = (ITaughtBySupport)steps[place].Transformer;
        return new(WithoutKeys([.. steps.Take(place)], labelColumnName ?? found.DefaultLabelColumnName, found), steps[place], [.. steps.Skip(place + 1)]);
    }

    /// <summary>Rows as the steps before the classifier give them.</summary>
    public IDataView Prepare(IDataView rows) => _before.Aggregate(rows, (view, step) => step.Transformer.Transform(view));

    /// <summary>The same chain with another classifier.</summary>
    public TransformerChain<ITransformer> With(FewShotTransformer classifier) =>
        ChainSteps.ToChain([.. _before, _taught with { Transformer = classifier }, .. _after]);

    private static List<ChainStep> WithoutKeys(IReadOnlyList<ChainStep> steps, string label, ITaughtBySupport taught)
    {
        List<ChainStep> kept = [];
        foreach (ChainStep step in steps)
        {
            if (!step.KeyMappings.TryGetValue(label, out string? mapped))
            {
                kept.Add(step);
            }
            else if (step.KeyMappings.Count == 1)
            {
                if (mapped != label)
                    kept.Add(ChainSteps.Copy(taught.Environment, label, mapped));
            }
            else
            {
                // The step maps other columns too: the label's values are carried past it.
                string values = $"{label} (values)";
                kept.AddRange([ChainSteps.Copy(taught.Environment, values, mapped), step, ChainSteps.Copy(taught.Environment, label, values)]);
            }
        }

        return kept;
    }
}
