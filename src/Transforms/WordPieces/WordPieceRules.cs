namespace MLNet.Papers.WordPieces;

/// <summary>How a text is cleaned and cut into words before these are cut into pieces. Saved with a model.</summary>
internal sealed record WordPieceRules
{
    /// <summary>The most that <see cref="MaxWordLength"/> may be.</summary>
    public const int LongestWord = 1000;

    /// <summary>Whose program is followed where the two differ.</summary>
    public WordPieceConvention Convention { get; init; } = WordPieceConvention.HuggingFace;

    /// <summary>Whether capital letters become small ones.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether letters lose their accents: they are decomposed (NFD), and all characters of category Mn are left out.</summary>
    public bool StripAccents { get; init; } = true;

    /// <summary>Whether each Chinese ideograph is a word of its own.</summary>
    public bool SplitIdeographs { get; init; } = true;

    /// <summary>A word of more characters than this is unknown.</summary>
    public int MaxWordLength { get; init; } = 100;

    /// <summary>The rules of a program, as far as nothing else is asked for.</summary>
    /// <param name="convention">The program.</param>
    /// <param name="lowerCase">Whether capital letters become small ones.</param>
    /// <param name="stripAccents">Whether letters lose their accents; null for where capital letters become small ones.</param>
    /// <param name="splitIdeographs">Whether each Chinese ideograph is a word of its own.</param>
    /// <param name="maxWordLength">The most characters of a word; null for what the program has.</param>
    public static WordPieceRules Of(
        WordPieceConvention convention, bool lowerCase, bool? stripAccents = null, bool splitIdeographs = true, int? maxWordLength = null) => new()
        {
            Convention = convention,
            LowerCase = lowerCase,
            StripAccents = stripAccents ?? lowerCase,
            SplitIdeographs = splitIdeographs,
            MaxWordLength = maxWordLength ?? LengthOf(convention),
        };

    /// <summary>The most characters of a word by a convention.</summary>
    public static int LengthOf(WordPieceConvention convention) => convention == WordPieceConvention.Google ? 200 : 100;

    /// <summary>What is wrong with the rules, a sentence; null if nothing is.</summary>
    public string? FindFault() => MaxWordLength is < 1 or > LongestWord
        ? $"The most characters of a word must be from 1 to {LongestWord}, but are {MaxWordLength}."
        : Enum.IsDefined(Convention) ? null : $"There is no convention {Convention}.";
}
