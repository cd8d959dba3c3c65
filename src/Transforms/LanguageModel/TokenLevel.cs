namespace MLNet.Papers;

/// <summary>What the tokens of a text are.</summary>
public enum TokenLevel
{
    /// <summary>What stands between white space. A generated text has one space between two of them.</summary>
    Word,

    /// <summary>Its characters: Unicode's scalar values.</summary>
    Character,
}
