using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>
/// A corpus as the language model reads it: the characters of each word, and the number that predicts it. Behind the words stand the two marks.
/// </summary>
internal sealed class LanguageModelCorpus
{
    private readonly int[] _targets;
    private readonly int[][] _characters;

    /// <param name="corpus">The sentences.</param>
    /// <param name="vocabulary">The words that are predicted.</param>
    /// <param name="maxCharacters">The most characters of a word.</param>
    /// <param name="check">Called for every word; throws to stop.</param>
    public LanguageModelCorpus(TokenCorpus corpus, TokenVocabulary vocabulary, int maxCharacters, Action? check = null)
    {
        Corpus = corpus;
        _targets = [.. corpus.Words.Select(vocabulary.Find), TokenVocabulary.Begin, TokenVocabulary.End];
        _characters = [.. corpus.Words.Select(Characters), CharacterIds.OfBegin(), CharacterIds.OfEnd()];

        int[] Characters(string word)
        {
            check?.Invoke();
            return CharacterIds.Of(word, maxCharacters);
        }
    }

    public TokenCorpus Corpus { get; }

    /// <summary>The number in the vocabulary.</summary>
    public int Target(int word) => _targets[word];

    /// <summary>The <see cref="CharacterIds"/>.</summary>
    public int[] Characters(int word) => _characters[word];
}
