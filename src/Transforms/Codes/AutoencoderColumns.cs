using Microsoft.ML.Data;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Codes;

/// <summary>The columns of a transformer that gives codes.</summary>
/// <param name="OutputColumnName">The codes.</param>
/// <param name="InputColumnName">The rows.</param>
/// <param name="WithReconstruction">Whether there is a column with what the codes say of a row.</param>
/// <param name="WithReconstructionError">Whether there is one with how far that is from the row.</param>
/// <param name="HasPictures">Whether the rows that were fitted were pictures.</param>
/// <param name="Dimensions">The dimensions of vectors that were fitted.</param>
/// <param name="PicturesHaveSize">Whether the type of the pictures that were fitted says their size, and this is that of the rows.</param>
/// <param name="WithBound">Whether there is a column with a bound on the logarithm of how likely the row is.</param>
internal sealed record AutoencoderColumns(
    string OutputColumnName, string InputColumnName, bool WithReconstruction, bool WithReconstructionError, bool HasPictures, IReadOnlyList<int> Dimensions,
    bool PicturesHaveSize = false, bool WithBound = false)
{
    private const string Reconstruction = "Reconstruction", ReconstructionError = "ReconstructionError", Bound = "Bound";

    public string ReconstructionName => $"{OutputColumnName}.{Reconstruction}";

    public string ReconstructionErrorName => $"{OutputColumnName}.{ReconstructionError}";

    public string BoundName => $"{OutputColumnName}.{Bound}";

    /// <summary>The columns behind those of the codes.</summary>
    /// <param name="size">Values of a row; any will do where an estimator promises the columns.</param>
    public IEnumerable<OutputColumn> Others(int size)
    {
        if (WithReconstruction)
            yield return OutputColumn.Vector(ReconstructionName, size);
        if (WithReconstructionError)
            yield return new(ReconstructionErrorName, NumberDataViewType.Single);
        if (WithBound)
            yield return new(BoundName, NumberDataViewType.Single);
    }

    /// <summary>What is wrong with rows of this layout, or null.</summary>
    public string? FindFault(RowLayout layout) => HasPictures && layout.Image is not { Channels: 1 or 3 }
        ? "Block 'columns' has pictures, but block 'rows' has none."
        : !HasPictures && Dimensions.Aggregate((Int128)1, (product, length) => product * length) != layout.Size
            ? "Block 'columns' has other dimensions than block 'rows'."
            : null;
}
