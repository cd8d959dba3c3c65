namespace MLNet.Papers.WordPieces;

/// <summary>Cuts texts into pieces of words. Immutable: threads may share it.</summary>
/// <remarks>
/// A text is cleaned and cut into words, and each word from the left into the longest pieces that the vocabulary has. A word that cannot be cut so, or
/// that is too long, is one unknown piece. Nothing in a text is read as a mark: "[MASK]" is three words.
/// </remarks>
/// <param name="vocabulary">The pieces.</param>
/// <param name="rules">How texts are cut into words.</param>
internal sealed class WordPieceTokenizer(WordPieceVocabulary vocabulary, WordPieceRules rules)
{
    private readonly WordReader _reader = new(rules);

    public WordPieceVocabulary Vocabulary => vocabulary;

    public WordPieceRules Rules => rules;

    /// <summary>Adds the pieces of a text to a list.</summary>
    public void Tokenize(ReadOnlySpan<char> text, List<WordPiece> pieces)
    {
        var receiver = new Receiver(vocabulary.Trie, vocabulary.Unknown, pieces);
        _reader.Read(text, ref receiver);
    }

    private readonly struct Receiver(WordPieceTrie trie, int unknown, List<WordPiece> pieces) : IWordReceiver
    {
        public void Take(in Word word)
        {
            int first = pieces.Count;
            bool isKnown = !word.IsTooLong;
            for (int start = 0, length; isKnown && start < word.Units.Length; start += length)
            {
                int id = trie.Longest(start == 0 ? WordPieceTrie.Beginning : WordPieceTrie.Continuing, word.Units[start..], out length);
                isKnown = id >= 0;
                if (isKnown)
                    pieces.Add(new WordPiece(id, word.Starts[start], word.Ends[start + length - 1] - word.Starts[start], BeginsWord: start == 0));
            }

            if (isKnown)
                return;
            pieces.RemoveRange(first, pieces.Count - first);
            pieces.Add(new WordPiece(unknown, word.Start, word.End - word.Start, BeginsWord: true));
        }
    }
}
