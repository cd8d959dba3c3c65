using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Bert;

/// <summary>A part of a context behind its question, as the network reads it.</summary>
/// <param name="Text">Its number in the batch.</param>
/// <param name="Place">The place of its first piece there.</param>
/// <param name="First">Which piece of the context that is.</param>
/// <param name="Count">How many pieces it has; may be 0.</param>
internal readonly record struct ContextWindow(int Text, int Place, int First, int Count);

/// <summary>
/// Reads questions and contexts: [CLS] question [SEP] context [SEP]. A context that is too long is read in windows, each of which begins some pieces behind the
/// one before it.
/// </summary>
internal sealed class AnswerReader
{
    private readonly BertModel _model;
    private readonly AnswerWindows _options;
    private readonly WordPieceTokenizer _tokenizer;
    private readonly ValueGetter<ReadOnlyMemory<char>> _question;
    private readonly ValueGetter<ReadOnlyMemory<char>> _contextGetter;
    private readonly List<WordPiece> _questionPieces = [];
    private readonly List<int> _ids = [];
    private ReadOnlyMemory<char> _text;
    private ReadOnlyMemory<char> _context;

    /// <param name="model">The encoder.</param>
    /// <param name="row">The row to read.</param>
    /// <param name="columns">The columns of questions and of contexts.</param>
    /// <param name="windows">How long contexts are cut.</param>
    public AnswerReader(BertModel model, DataViewRow row, AnswerColumns columns, AnswerWindows windows)
    {
        (_model, _options, _tokenizer) = (model, windows, new(model.Vocabulary, model.Rules));
        _question = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[columns.Question]);
        _contextGetter = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[columns.Context]);
    }

    /// <summary>What was read.</summary>
    public BertBatch Batch { get; } = new();

    /// <summary>The context that was read last.</summary>
    public ReadOnlyMemory<char> Context => _context;

    /// <summary>Reads the current row.</summary>
    /// <param name="pieces">Receives the pieces of the context.</param>
    /// <param name="windows">Receives its windows; at least one.</param>
    public void Read(List<WordPiece> pieces, List<ContextWindow> windows)
    {
        _question(ref _text);
        _contextGetter(ref _context);
        _questionPieces.Clear();
        _tokenizer.Tokenize(_text.Span, _questionPieces);
        _tokenizer.Tokenize(_context.Span, pieces);
        // What is left beside the marks is the context's by half at least.
        int room = _model.MaxLength - 3, question = Math.Min(_questionPieces.Count, Math.Min(_options.MaxQuestionLength, room / 2));
        foreach ((int first, int count) in AnswerSpan.Windows(pieces.Count, room - question, _options.Stride))
        {
            _ids.Clear();
            _ids.Add(_model.Vocabulary.Classification);
            for (int i = 0; i < question; i++)
                _ids.Add(_questionPieces[i].Id);
            _ids.Add(_model.Vocabulary.Separator);
            int place = _ids.Count;
            for (int i = 0; i < count; i++)
                _ids.Add(pieces[first + i].Id);
            _ids.Add(_model.Vocabulary.Separator);
            windows.Add(new ContextWindow(Batch.Count, place, first, count));
            Batch.Add(CollectionsMarshal.AsSpan(_ids), _model.Architecture.Segments > 1 ? place : _ids.Count);
        }
    }
}

/// <summary>The columns of questions and of contexts.</summary>
internal sealed record AnswerColumns(string Question, string Context);

/// <summary>How long questions and contexts are cut.</summary>
/// <param name="MaxQuestionLength">The most pieces of a question that are read.</param>
/// <param name="Stride">Pieces from one window of a context to the next.</param>
/// <param name="MaxAnswerLength">The most pieces of an answer.</param>
internal sealed record AnswerWindows(int MaxQuestionLength, int Stride, int MaxAnswerLength)
{
    /// <summary>What is wrong with them, or null.</summary>
    public string? FindFault() => MaxQuestionLength < 1 || Stride < 1 || MaxAnswerLength < 1
        ? $"Block 'windows' has {MaxQuestionLength} pieces of a question, {Stride} from window to window and {MaxAnswerLength} of an answer."
        : null;
}
