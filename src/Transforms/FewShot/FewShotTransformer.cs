using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.FewShot;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;

namespace MLNet.Papers;

/// <summary>The base of classifiers that are taught new classes from a few examples each, without the training that made their network.</summary>
/// <remarks>All methods give new transformers with the same network; the one they are called on stays as it is.</remarks>
public abstract class FewShotTransformer : NetworkTransformer, ITaughtBySupport
{
    private protected FewShotTransformer(IHostEnvironment environment, INetworkArchitecture architecture, Func<TorchDevice, EmbeddingScorer> createScorer)
        : base(environment, architecture, createScorer)
    {
    }

    /// <summary>The name of the column that is classified.</summary>
    public abstract string FeatureColumnName { get; }

    /// <summary>The column that is classified.</summary>
    internal FeatureColumn Features => FeatureColumn.Of(FeatureColumnName, Network);

    /// <summary>The name of the column that names the classes in <see cref="WithSupport"/>.</summary>
    public abstract string LabelColumnName { get; }

    /// <inheritdoc/>
    internal sealed override NamedClasses NamedClasses => new(LabelColumnName, Labels);

    private protected abstract ClassLabels Labels { get; }

    /// <summary>The classes that this transformer knows, as text, in key order.</summary>
    public IReadOnlyList<string> ClassNames => Labels.Names;

    /// <summary>The same network with the classes of a support set in place of those it knows.</summary>
    /// <param name="support">
    /// Labelled rows with the columns <see cref="FeatureColumnName"/> and <see cref="LabelColumnName"/>; one row of a class is enough. The label
    /// may be a key, or a text, number or Boolean whose values become the classes. It is read once (twice if the label is no key).
    /// </param>
    /// <returns>A new transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A label is missing, a feature is not finite, or there are fewer than two classes with rows.</exception>
    public abstract FewShotTransformer WithSupport(IDataView support);

    /// <summary>The same network with one more class, or with examples of a class that had none.</summary>
    /// <param name="name">The new class. Where the classes are numbers or Booleans, the text of such a value.</param>
    /// <param name="rows">Its examples, at least one, in the column <see cref="FeatureColumnName"/>; other columns are not looked at.</param>
    /// <returns>A new transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentException">The class exists and has examples, or the name is not a value of the classes' type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There is no row, or a feature is not finite.</exception>
    public abstract FewShotTransformer AddClass(string name, IDataView rows);

    /// <summary>The same network without one of its classes. The keys of the classes after it move down by one.</summary>
    /// <param name="name">The class, as in <see cref="ClassNames"/>.</param>
    /// <returns>A new transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentException">There is no such class.</exception>
    /// <exception cref="InvalidOperationException">Fewer than two classes with examples would be left.</exception>
    public abstract FewShotTransformer RemoveClass(string name);

    IHostEnvironment ITaughtBySupport.Environment => Environment;

    string ITaughtBySupport.DefaultLabelColumnName => LabelColumnName;

    FewShotTransformer ITaughtBySupport.Teach(IDataView support, string labelColumnName) => labelColumnName == LabelColumnName
        ? WithSupport(support)
        : throw new ArgumentException(
            $"The classifier takes its classes from the column '{LabelColumnName}', not '{labelColumnName}'. Rename the column (CopyColumns).",
            nameof(labelColumnName));

    /// <summary>What answers few-shot tasks over rows in memory.</summary>
    /// <param name="features">The rows, one after the other.</param>
    /// <param name="check">Called between batches and steps; throws to stop.</param>
    internal abstract TaskSolver Solver(float[] features, Action check);
}
