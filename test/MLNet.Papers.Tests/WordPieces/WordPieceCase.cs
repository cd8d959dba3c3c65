using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;

namespace MLNet.Papers.Tests.WordPieces;

/// <summary>Learning a vocabulary of word pieces in the contract.</summary>
internal sealed class WordPieceCase : IEstimatorCase<WordPieceEstimator>
{
    public bool IsRandom => false;

    public bool EndsSoon => true;

    public TechniqueOptions SmallestOptions() => new WordPieceOptions { VocabularySize = 60, WithOffsets = true };

    public TechniqueOptions EndlessOptions(Action started)
    {
        started();
        return new WordPieceOptions
        {
            VocabularySize = 1_000_000,
            MinPairCount = 1,
            MaxCharacters = int.MaxValue,
            MaxWords = int.MaxValue,
            MaxWordLength = 1_000,
        };
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.TokenizeIntoWordPieces("Pieces", "Text", (WordPieceOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView([ElmoSentences.Texts(20)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => RejectedTexts(MemoryView.Of(Data(ml)));

    /// <summary>Inputs whose column of texts, one a row, is none.</summary>
    public static IEnumerable<RejectedInput> RejectedTexts(MemoryView rows) =>
    [
        .. ElmoCase.RejectedTexts(rows),
        new("Text", "a vector of texts", rows.With(ElmoSentences.TokenVectors(rows.Count))),
    ];
}

/// <summary>Word pieces of a published vocabulary in the contract.</summary>
internal sealed class PretrainedWordPieceCase : IEstimatorCase<PretrainedWordPieceEstimator>
{
    public bool IsRandom => false;

    public bool Learns => false;

    public TechniqueOptions SmallestOptions() => new PretrainedWordPieceOptions { WithOffsets = true, Convention = WordPieceConvention.Google };

    public TechniqueOptions EndlessOptions(Action started) => SmallestOptions();

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "river", "run", "##s", "down", "bake", "##r", "bread", "my"]);
            return ml.Transforms.Text.ApplyWordPieces("Pieces", "Text", path, (PretrainedWordPieceOptions?)options);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public IDataView Data(MLContext ml) => new MemoryView([ElmoSentences.Texts(20)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => WordPieceCase.RejectedTexts(MemoryView.Of(Data(ml)));
}
