namespace MLNet.Papers;

/// <summary>How a classifier is compressed.</summary>
/// <remarks>
/// Joulin et al., "FastText.zip: Compressing text classification models", 2016, arXiv:1612.03651: product quantisation (section 3.1) after dropping rows of
/// small norm
/// (section 3.2). The code books are found from random rows: <see cref="TechniqueOptions.Seed"/>.
/// </remarks>
public sealed class FastTextQuantizationOptions : TechniqueOptions
{
    /// <summary>How many rows of the input are kept, those of greatest norm; 0 keeps all. Range: 0, or at least 256.</summary>
    [AtLeast(0)]
    public int Cutoff { get; set; }

    /// <summary>Whether the norms of rows are quantised apart from their directions.</summary>
    [AnyValue]
    public bool NormalizeRows { get; set; }

    /// <summary>Whether the rows of the labels are quantised too, which needs at least 256 labels.</summary>
    [AnyValue]
    public bool QuantizeOutput { get; set; }

    /// <summary>How many values of a row share one byte. Range: at least 1.</summary>
    [AtLeast(1)]
    public int SubvectorLength { get; set; } = 2;

    private protected override (string Property, string Message)? FindConflict() => Cutoff is > 0 and < 256
        ? (nameof(Cutoff), $"must be 0 or at least 256, as many rows as a code book has entries, but was {Cutoff}.")
        : null;
}
