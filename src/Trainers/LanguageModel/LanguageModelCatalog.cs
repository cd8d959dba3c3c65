using MLNet.Papers;

namespace Microsoft.ML;

/// <summary>Language models in the catalog of generation.</summary>
public static class LanguageModelCatalog
{
    /// <summary>Trains a network that predicts each token of a row from those before it: it says how likely rows are, and makes new ones.</summary>
    /// <param name="catalog">The trainers of generators.</param>
    /// <param name="inputColumnName">The rows: a text, a vector of texts or a vector of keys.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>
    /// An estimator; its outputs are LogProbability (Single) and LogProbability.PerToken (vector of Single), and on request the last state. What it fits has
    /// <see cref="LanguageModelTransformer.Generate"/> and <see cref="LanguageModelTransformer.Evaluate"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The column name is null or blank.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    public static LanguageModelTrainer LanguageModel(
        this GenerationCatalog.GenerationTrainers catalog, string inputColumnName = "Text", LanguageModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(catalog.Environment, inputColumnName, options);
    }
}
