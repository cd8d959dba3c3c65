namespace MLNet.Papers;

/// <summary>A word that is near to what was asked for.</summary>
/// <param name="Word">The word.</param>
/// <param name="Similarity">The cosine of the angle between both vectors, from -1 to 1.</param>
public readonly record struct WordSimilarity(string Word, float Similarity);
