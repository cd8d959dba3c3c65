using Microsoft.ML.Data;
using MLNet.Papers;
using MLNet.Papers.FewShot;

namespace Microsoft.ML;

/// <summary>Teaches a whole pipeline classes, as <see cref="FewShotTransformer"/> is taught alone.</summary>
/// <remarks>
/// <para>The rows go through the steps before the classifier, as rows to score do: what a pipeline normalizes is normalized here too. Steps of MapValueToKey
/// on the label are left out of the new chain, for they know no new classes: rows then have the label's values, and the classifier's output has them as
/// keys.</para>
/// <para>The new chain has the other steps of the old one, and a classifier of its own. It can be saved as any chain.</para>
/// </remarks>
public static class FewShotChainExtensions
{
    /// <summary>The same pipeline with the classes of a support set in place of those it knows.</summary>
    /// <typeparam name="TLastTransformer">The chain's last transformer.</typeparam>
    /// <param name="chain">A fitted or loaded pipeline with one few-shot classifier, or one <see cref="CactusTransformer"/>, which becomes one.</param>
    /// <param name="support">Labelled rows with the columns that the pipeline reads; one row of a class is enough.</param>
    /// <param name="labelColumnName">
    /// The column that names the classes: a key; or a text, number or Boolean, whose distinct values become the classes. Null for the one that a few-shot
    /// classifier was trained with, and for "Label" with a <see cref="CactusTransformer"/>.
    /// </param>
    /// <returns>A new chain.</returns>
    /// <exception cref="ArgumentException">
    /// There is no classifier in the chain, or more than one, or it was trained with another label column.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A label is missing, a feature is not finite, or there are fewer than two classes with rows.</exception>
    public static TransformerChain<ITransformer> WithSupport<TLastTransformer>(
        this TransformerChain<TLastTransformer> chain, IDataView support, string? labelColumnName = null)
        where TLastTransformer : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(support);
        FewShotChain found = FewShotChain.Of(chain, labelColumnName);
        return found.With(found.Taught.Teach(found.Prepare(support), labelColumnName ?? found.Taught.DefaultLabelColumnName));
    }

    /// <summary>The same pipeline with one more class, or with examples of a class that had none.</summary>
    /// <typeparam name="TLastTransformer">The chain's last transformer.</typeparam>
    /// <param name="chain">A fitted or loaded pipeline with one few-shot classifier.</param>
    /// <param name="name">The new class. Where the classes are numbers or Booleans, the text of such a value.</param>
    /// <param name="rows">Its examples, at least one, with the columns that the pipeline reads.</param>
    /// <returns>A new chain.</returns>
    /// <exception cref="ArgumentException">
    /// There is no classifier in the chain, or more than one; the class exists and has examples, or the name is not a value of the classes' type.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There is no row, or a feature is not finite.</exception>
    public static TransformerChain<ITransformer> AddClass<TLastTransformer>(this TransformerChain<TLastTransformer> chain, string name, IDataView rows)
        where TLastTransformer : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(rows);
        (FewShotChain found, FewShotTransformer classifier) = Classifier(chain);
        return found.With(classifier.AddClass(name, found.Prepare(rows)));
    }

    /// <summary>The same pipeline without one of its classes.</summary>
    /// <typeparam name="TLastTransformer">The chain's last transformer.</typeparam>
    /// <param name="chain">A fitted or loaded pipeline with one few-shot classifier.</param>
    /// <param name="name">The class, as in <see cref="FewShotTransformer.ClassNames"/>.</param>
    /// <returns>A new chain.</returns>
    /// <exception cref="ArgumentException">There is no classifier in the chain, or more than one; or there is no such class.</exception>
    /// <exception cref="InvalidOperationException">Fewer than two classes with examples would be left.</exception>
    public static TransformerChain<ITransformer> RemoveClass<TLastTransformer>(this TransformerChain<TLastTransformer> chain, string name)
        where TLastTransformer : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(chain);
        (FewShotChain found, FewShotTransformer classifier) = Classifier(chain);
        return found.With(classifier.RemoveClass(name));
    }

    private static (FewShotChain Chain, FewShotTransformer Classifier) Classifier(ITransformer chain)
    {
        FewShotChain found = FewShotChain.Of(chain);
        return found.Taught is FewShotTransformer classifier
            ? (found, classifier)
            : throw new ArgumentException("The chain's CactusTransformer has no classes yet: WithSupport gives it some.", nameof(chain));
    }
}
