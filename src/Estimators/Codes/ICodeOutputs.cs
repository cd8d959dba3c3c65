namespace MLNet.Papers.Codes;

/// <summary>Options that say which columns there are beside codes.</summary>
internal interface ICodeOutputs
{
    /// <summary>Whether there is a column with what the codes say of a row.</summary>
    bool WithReconstruction { get; }

    /// <summary>Whether there is one with how far that is from the row.</summary>
    bool WithReconstructionError { get; }

    /// <summary>The columns of rows with these names.</summary>
    AutoencoderColumns Columns(string outputColumnName, AutoencoderRows rows) => new(
        outputColumnName, rows.Column.Name, WithReconstruction, WithReconstructionError, rows.HasPictures, rows.Dimensions, rows.PicturesHaveSize);
}
