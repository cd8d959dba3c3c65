using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.WordPieces;

[assembly: LoadableModel<WordPieceTransformer>("WordPieces")]

namespace MLNet.Papers;

/// <summary>Cuts texts into pieces of words, as BERT reads them.</summary>
/// <remarks>
/// <para><b>Source.</b> Wu et al., "Google's Neural Machine Translation System", 2016, arXiv:1609.08144, section 4.1; Devlin et al., "BERT: Pre-training of
/// Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805, and its published program.</para>
/// <para><b>Input.</b> A text. Control characters are left out; it is cut at white space, around punctuation marks and around ideographs; letters become small
/// and lose their accents (see <see cref="WordPieceTextOptions"/>). Nothing of this depends on the culture, nor on whether the process knows cultures.</para>
/// <para><b>Output.</b> A vector of keys, as many as the text has pieces: of each word from the left the longest piece that the vocabulary has. A piece that
/// goes on a word has "##" before it. A word that cannot be cut so is one piece [UNK]. The marks [CLS] and [SEP] are not added, and a text that has them in it
/// is cut as any other. A key is the piece's number in <c>vocab.txt</c>, from 0, plus 1; its values are the pieces. A text without words has an empty
/// vector.</para>
/// </remarks>
public sealed class WordPieceTransformer : ScoringTransformer, ISavedTransformer<WordPieceTransformer>
{
    private readonly State _state;
    private readonly WordPieceTokenizer _tokenizer;

    internal WordPieceTransformer(IHostEnvironment environment, State state)
        : base(environment) => (_state, _tokenizer) = (state, new WordPieceTokenizer(state.Vocabulary, state.Rules));

    /// <summary>The name of the column of texts.</summary>
    public string InputColumnName => _state.Columns.InputColumnName;

    /// <summary>The name of the column of pieces.</summary>
    public string OutputColumnName => _state.Columns.OutputColumnName;

    /// <summary>The pieces in the order of their numbers.</summary>
    public IReadOnlyList<string> Vocabulary => _state.Vocabulary.Pieces;

    internal override bool ScoresInBatches => false;

    internal WordPieceTokenizer Tokenizer => _tokenizer;

    private protected override IEnumerable<InputColumn> Inputs => [_state.Columns.Input];

    private protected override IModelRecord SavedState => _state;

    /// <summary>Writes the vocabulary as published models have it: text in UTF-8, a piece on each line.</summary>
    /// <param name="path">The file, <c>vocab.txt</c>.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveVocabulary(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _state.Vocabulary.Save(path);
    }

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => _state.Columns.Create(_state.Vocabulary.Pieces);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(this, input, capacity);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State([Block] WordPieceColumns Columns, [Block] WordPieceRules Rules, WordPieceVocabulary Vocabulary) : IModelRecord
    {
        public string? FindFault() => Rules.FindFault() is { } fault ? $"Block 'rules': {fault}" : null;
    }

    private sealed class Session : ScoringSession
    {
        private readonly WordPieceTokenizer _tokenizer;
        private readonly ValueGetter<ReadOnlyMemory<char>> _getter;
        private readonly List<WordPiece> _pieces = [];
        private readonly VariableVectorOutputBuffer<uint> _ids;
        private readonly VariableVectorOutputBuffer<int> _starts, _lengths;
        private ReadOnlyMemory<char> _text;

        public Session(WordPieceTransformer transformer, DataViewRow input, int capacity)
        {
            _tokenizer = transformer._tokenizer;
            _getter = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[transformer.InputColumnName]);
            _ids = OutputBuffer.Variable<uint>(capacity);
            (_starts, _lengths) = (OutputBuffer.Variable<int>(capacity), OutputBuffer.Variable<int>(capacity));
            Outputs = transformer._state.Columns.WithOffsets ? [_ids, _starts, _lengths] : [_ids];
        }

        public override IReadOnlyList<OutputBuffer?> Outputs { get; }

        public override void ReadRow(int slot)
        {
            _getter(ref _text);
            _pieces.Clear();
            _tokenizer.Tokenize(_text.Span, _pieces);
            uint[] ids = new uint[_pieces.Count];
            int[] starts = new int[_pieces.Count], lengths = new int[_pieces.Count];
            for (int i = 0; i < ids.Length; i++)
                (ids[i], starts[i], lengths[i]) = ((uint)_pieces[i].Id + 1, _pieces[i].Start, _pieces[i].Length);
            (_ids[slot], _starts[slot], _lengths[slot]) = (ids, starts, lengths);
        }

        public override void Score(int count)
        {
        }
    }
}
