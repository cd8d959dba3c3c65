namespace MLNet.Papers.FastText;

/// <summary>The vectors that words begin with.</summary>
internal static class InitialVectors
{
    /// <summary>Reads the file that the options name; null if they name none.</summary>
    /// <exception cref="InvalidOperationException">The vectors have another dimension, or are not plain ones.</exception>
    /// <param name="options">They name it.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    /// <exception cref="FormatException">The file is no model.</exception>
    public static FastTextModel? Load(FastTextTrainingOptions options, Action? check = null)
    {
        if (options.InitialVectors is null)
            return null;
        FastTextModel model = FastTextModel.Load(options.InitialVectors, check);
        if (model.Dimension != options.Dimension)
        {
            throw new InvalidOperationException(
                $"InitialVectors '{options.InitialVectors}' have {model.Dimension} values, but Dimension is {options.Dimension}: they must be equal.");
        }

        return model.Input is DenseMatrix
            ? model
            : throw new InvalidOperationException($"InitialVectors '{options.InitialVectors}' are quantised; a .vec file has plain ones.");
    }
}
