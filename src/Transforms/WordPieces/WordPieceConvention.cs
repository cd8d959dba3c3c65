namespace MLNet.Papers;

/// <summary>The program that cuts texts into word pieces as it is done here. Both do the same with nearly all texts.</summary>
public enum WordPieceConvention
{
    /// <summary>
    /// Hugging Face's library tokenizers: words of more than 100 characters are unknown, characters of private use are left out, the first 256 ideographs of
    /// extension E are not split, and every capital sigma becomes σ.
    /// </summary>
    HuggingFace,

    /// <summary>
    /// Google's published program: words of more than 200 characters are unknown, characters of private use stay, and a capital sigma at the end of a word
    /// becomes ς.
    /// </summary>
    Google,
}
