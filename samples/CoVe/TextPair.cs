namespace MLNet.Papers.Samples.CoVe;

/// <summary>A text and its translation, in small letters, punctuation apart.</summary>
internal sealed class TextPair
{
    /// <summary>What is translated.</summary>
    public string Source { get; set; } = "";

    /// <summary>Its translation.</summary>
    public string Target { get; set; } = "";
}
