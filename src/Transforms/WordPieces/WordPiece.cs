namespace MLNet.Papers.WordPieces;

/// <summary>A piece of a text.</summary>
/// <param name="Id">Its number in the vocabulary.</param>
/// <param name="Start">Where it begins in the text as it was given, in UTF-16 units.</param>
/// <param name="Length">How many of the text's units it covers, those of stripped accents counted.</param>
/// <param name="BeginsWord">Whether it is the first piece of a word; words end at white space, and each punctuation mark is one.</param>
internal readonly record struct WordPiece(int Id, int Start, int Length, bool BeginsWord);
