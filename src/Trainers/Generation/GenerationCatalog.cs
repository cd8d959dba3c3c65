using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Generation;

namespace MLNet.Papers;

/// <summary>Learning to make things, and measuring what was made: <c>mlContext.Generation</c>.</summary>
public sealed class GenerationCatalog
{
    internal GenerationCatalog(IHostEnvironment environment) => Trainers = new(environment);

    /// <summary>The trainers.</summary>
    public GenerationTrainers Trainers { get; }

    /// <summary>Measures how like real rows generated ones are, how various, and whether they are copies.</summary>
    /// <param name="real">Real rows that were not learned from; at least <paramref name="neighbors"/> + 1.</param>
    /// <param name="generated">Generated rows, as <see cref="IGenerator.Generate"/> makes them; at least <paramref name="neighbors"/> + 1.</param>
    /// <param name="columnName">The column of all of them: a vector of Single of known length, or images of one known size.</param>
    /// <param name="training">Rows that were learned from, to tell copies by; null to leave that out.</param>
    /// <param name="neighbors">k, the neighbours of a row that say how near is near. At least 1. The papers have 3 and 5.</param>
    /// <returns>The measures.</returns>
    /// <exception cref="ArgumentNullException">A view is null.</exception>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, of another type, or differs between the views; or k is below 1.</exception>
    /// <exception cref="InvalidOperationException">There are too few rows, or a number is not finite.</exception>
    /// <remarks>
    /// Distances are Euclidean, of the values as they are: normalize the column of a table first, by one transformer for all views. All rows are held in
    /// memory, and the work grows with the square of their number.
    /// </remarks>
    /// <example>
    /// <code>
    /// GenerationMetrics metrics = mlContext.Generation.Evaluate(unseen, codec.Generate(1000, seed: 1), "Pixels", training);
    /// </code>
    /// </example>
    public GenerationMetrics Evaluate(IDataView real, IDataView generated, string columnName, IDataView? training = null, int neighbors = 5)
    {
        ArgumentNullException.ThrowIfNull(real);
        ArgumentNullException.ThrowIfNull(generated);
        ArgumentException.ThrowIfNullOrWhiteSpace(columnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(neighbors, 1);
        return new GenerationEvaluation(Trainers.Environment, neighbors).Run(columnName, real, generated, training);
    }

    /// <summary>The trainers of generators; each technique adds its own as an extension method.</summary>
    public sealed class GenerationTrainers
    {
        internal GenerationTrainers(IHostEnvironment environment) => Environment = environment;

        internal IHostEnvironment Environment { get; }
    }
}
