using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>Pairs as the network reads them: rows of the source's table, numbers of target words.</summary>
internal sealed class TranslationPairs
{
    private readonly ParallelCorpus _corpus;
    private readonly int[] _sourceRows;
    private readonly int[] _targetNumbers;

    /// <param name="corpus">The texts.</param>
    /// <param name="words">The table of the source's words.</param>
    /// <param name="vocabulary">The words that are written.</param>
    public TranslationPairs(ParallelCorpus corpus, SourceWords words, TokenVocabulary vocabulary)
    {
        _corpus = corpus;
        _sourceRows = words.RowsOf(corpus.Source);
        _targetNumbers = [.. corpus.Target.Words.Select(vocabulary.Find)];
    }

    public int Count => _corpus.Count;

    /// <summary>How many tokens the source has.</summary>
    public int SourceLength(int pair) => _corpus.Source.Length(pair);

    /// <summary>How many steps the decoder takes: the target's tokens and its end.</summary>
    public int TargetSteps(int pair) => _corpus.Target.Length(pair) + 1;

    /// <summary>The row of a source token.</summary>
    public int Source(int pair, int token) => _sourceRows[_corpus.Source.Sentence(pair)[token]];

    /// <summary>What the decoder has to write at a step.</summary>
    public int Target(int pair, int step)
    {
        ReadOnlySpan<int> sentence = _corpus.Target.Sentence(pair);
        return step < sentence.Length ? _targetNumbers[sentence[step]] : TokenVocabulary.End;
    }
}
