using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers;

/// <summary>Cuts texts into pieces of words by a vocabulary that exists already. A fit learns nothing: it checks the column and reads no row.</summary>
/// <remarks><b>Input and output.</b> See <see cref="WordPieceTransformer"/>.</remarks>
public sealed class PretrainedWordPieceEstimator : TechniqueEstimator<WordPieceTransformer, PretrainedWordPieceOptions>
{
    private readonly WordPieceColumns _columns;
    private readonly WordPieceVocabulary _vocabulary;

    internal PretrainedWordPieceEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, string vocabularyPath, PretrainedWordPieceOptions? options)
        : base(environment, options)
    {
        _columns = new(Named(outputColumnName), Named(inputColumnName), Options.WithOffsets);
        _vocabulary = WordPieceVocabulary.Load(Named(vocabularyPath));
    }

    private protected override IEnumerable<InputColumn> Inputs => [_columns.Input];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => _columns.Create(_vocabulary.Pieces);

    private protected override WordPieceTransformer Fit(IDataView input, IChannel channel) =>
        new(Environment, new(_columns, Options.Rules(_vocabulary.HasCapitals), _vocabulary));
}
