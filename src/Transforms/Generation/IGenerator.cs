using Microsoft.ML;

namespace MLNet.Papers;

/// <summary>A fitted model that makes rows like those that it was fitted to.</summary>
public interface IGenerator
{
    /// <summary>Makes rows. The same seed gives the same rows, however many are made at once, and after the model was saved and loaded.</summary>
    /// <param name="count">How many rows; at least 0.</param>
    /// <param name="seed">The seed; null for that of the <c>MLContext</c>, and any where that has none.</param>
    /// <returns>The rows, held in memory, with one column that has the name and type of the model's input.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 0.</exception>
    IDataView Generate(int count, int? seed = null);
}
