using MLNet.Papers.WordPieces;

namespace MLNet.Papers;

/// <summary>
/// How texts are cleaned and cut into words before these are cut into pieces, and what is put out: what a learned vocabulary and a published one share.
/// </summary>
/// <remarks>The <see cref="TechniqueOptions.Seed"/> has no effect.</remarks>
public abstract class WordPieceTextOptions : TechniqueOptions
{
    private protected WordPieceTextOptions()
    {
    }

    /// <summary>
    /// Whether capital letters become small ones. Null lets the vocabulary say: they do unless it has pieces with capital letters. A vocabulary that is to be
    /// learned has none.
    /// </summary>
    [AnyValue]
    public bool? LowerCase { get; set; }

    /// <summary>Whether letters lose their accents. Null means that they do where capital letters become small ones.</summary>
    [AnyValue]
    public bool? StripAccents { get; set; }

    /// <summary>Whether each Chinese ideograph is a word of its own.</summary>
    [AnyValue]
    public bool SplitIdeographs { get; set; } = true;

    /// <summary>Whose program is followed in the few things in which programs differ.</summary>
    [Defined]
    public WordPieceConvention Convention { get; set; } = WordPieceConvention.HuggingFace;

    /// <summary>A word of more characters is one unknown piece. From 1 to 1000; null for what the <see cref="Convention"/> has: 100 or 200.</summary>
    [Between(1, WordPieceRules.LongestWord)]
    public int? MaxWordLength { get; set; }

    /// <summary>
    /// Whether two more columns say where in the text each piece stands: its first character and how many it covers, accents that were stripped counted, in
    /// UTF-16 units as .NET counts them. They are named as the output with ".Start" and ".Length" behind it.
    /// </summary>
    [AnyValue]
    public bool WithOffsets { get; set; }

    /// <summary>The rules.</summary>
    /// <param name="hasCapitals">Whether the vocabulary has capital letters.</param>
    internal WordPieceRules Rules(bool hasCapitals) =>
        WordPieceRules.Of(Convention, LowerCase ?? !hasCapitals, StripAccents, SplitIdeographs, MaxWordLength);
}
