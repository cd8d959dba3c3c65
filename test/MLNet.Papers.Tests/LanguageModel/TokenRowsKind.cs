namespace MLNet.Papers.Tests.LanguageModel;

/// <summary>What the rows of a contract case are, and which network learns from them.</summary>
internal enum TokenRowsKind
{
    /// <summary>Texts, character by character; an LSTM with a last state.</summary>
    Characters,

    /// <summary>Texts, word by word; JANET in two layers.</summary>
    Words,

    /// <summary>Vectors of texts of known length; TrellisNet.</summary>
    Tokens,

    /// <summary>Vectors of keys of any length, longer than a window; TrellisNet.</summary>
    Keys,
}
