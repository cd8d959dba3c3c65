namespace MLNet.Papers;

/// <summary>How a word's vector is made of those of its pieces.</summary>
public enum BertWordVector
{
    /// <summary>It is that of the first piece.</summary>
    FirstPiece,

    /// <summary>It is their mean.</summary>
    Mean,
}
