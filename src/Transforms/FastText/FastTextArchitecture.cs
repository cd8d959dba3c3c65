namespace MLNet.Papers;

/// <summary>What a fastText model was trained to predict. The numbers are those of its file format.</summary>
public enum FastTextArchitecture
{
    /// <summary>Word vectors: a word from the mean of the words around it.</summary>
    Cbow = 1,

    /// <summary>Word vectors: each word around a word from that word.</summary>
    SkipGram = 2,

    /// <summary>A classifier: a label from the mean of the words of a text.</summary>
    Supervised = 3,
}
