namespace MLNet.Papers;

/// <summary>How the vectors of a text's tokens become one vector of the text.</summary>
public enum Pooling
{
    /// <summary>The mean of all tokens.</summary>
    Mean,

    /// <summary>The greatest value of each dimension among all tokens.</summary>
    Max,

    /// <summary>The first token's vector followed by the last one's: twice as long as the others.</summary>
    FirstLast,

    /// <summary>The first token's vector: of BERT, that of its mark [CLS].</summary>
    First,
}
