namespace MLNet.Papers;

/// <summary>A piece of a word, and the row of the model that stands for it.</summary>
/// <param name="Text">The word itself, or an n-gram of the word between "&lt;" and "&gt;".</param>
/// <param name="Row">Its row of the input matrix. N-grams share rows: their hashes decide which.</param>
public readonly record struct FastTextSubword(string Text, int Row);
