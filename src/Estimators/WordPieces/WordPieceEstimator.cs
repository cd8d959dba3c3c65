using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers;

/// <summary>Learns a vocabulary of pieces of words from texts, and cuts texts into such pieces.</summary>
/// <remarks>
/// <para><b>Source.</b> Schuster and Nakajima, "Japanese and Korean Voice Search", ICASSP 2012; Wu et al., "Google's Neural Machine Translation System", 2016,
/// arXiv:1609.08144, section 4.1. The program that made the published vocabularies was never published.</para>
/// <para><b>Learning.</b> The pieces are at first the characters; then again and again two neighbouring pieces become one, in all words at once, until there
/// are as many as <see cref="WordPieceOptions.VocabularySize"/> says. The rows are read once; the different words are held with their counts. Nothing is left
/// to chance.</para>
/// <para><b>Output.</b> See <see cref="WordPieceTransformer"/>.</para>
/// <para><b>Exceptions of Fit.</b> <see cref="InvalidOperationException"/> where the rows have no word.</para>
/// </remarks>
public sealed class WordPieceEstimator : TechniqueEstimator<WordPieceTransformer, WordPieceOptions>
{
    private readonly WordPieceColumns _columns;

    internal WordPieceEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, WordPieceOptions? options)
        : base(environment, options) => _columns = new(Named(outputColumnName), Named(inputColumnName), Options.WithOffsets);

    private protected override IEnumerable<InputColumn> Inputs => [_columns.Input];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => _columns.Create();

    private protected override WordPieceTransformer Fit(IDataView input, IChannel channel)
    {
        Check();
        WordPieceRules rules = Options.Rules(hasCapitals: false);
        WordCounts counts = WordCounts.Read(input, _columns.InputColumnName, rules, Options.MaxWords, Check);
        if (counts.Total == 0)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"There is nothing to learn from: column '{_columns.InputColumnName}' has no words in {counts.Rows} rows."));
        }

        WordPieceVocabulary vocabulary = WordPieceTraining.Learn(counts, Options, Check);
        channel.Info(MessageSensitivity.None, FormattableString.Invariant(
            $"Learned {vocabulary.Count} word pieces from {counts.Total} words, {counts.Counts.Count} of them different."));
        return new WordPieceTransformer(Environment, new(_columns, rules, vocabulary));
    }
}
