using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Bert;

/// <summary>Scores batches of texts.</summary>
internal sealed class BertSession : ScoringSession
{
    /// <summary>Pieces that are read ahead: enough that all threads have much to do, and no more, so that a batch of long texts takes no more memory.</summary>
    public const int MostPieces = 8192;

    // Texts.
    private const int PreferredBatchSize = 256;

    private readonly Action<string> _warn;
    private readonly BertModel _model;
    private readonly LazyScorer<BertScorer> _scorer;
    private readonly BertOutputs _outputs;
    private readonly int _tokenSize;
    private readonly TokenInput? _words;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _text;
    private readonly List<ReadOnlyMemory<char>> _row = [];
    private readonly List<int> _starts = [];
    private readonly BertTexts _texts;
    private readonly VectorOutputBuffer<float>? _pooled;
    private readonly VariableVectorOutputBuffer<float>? _vectors;
    private readonly VariableVectorOutputBuffer<ReadOnlyMemory<char>>? _tokens;
    private readonly int _mostPieces;
    private ReadOnlyMemory<char> _current;

    /// <param name="warn">Says what is to be said of long texts.</param>
    /// <param name="model">The encoder.</param>
    /// <param name="scorer">The network, which is made only if a column needs it.</param>
    /// <param name="outputs">What is put out.</param>
    /// <param name="input">The row to read.</param>
    /// <param name="active">For each column of the outputs, whether it is wanted.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    public BertSession(
        Action<string> warn, BertModel model, LazyScorer<BertScorer> scorer, BertOutputs outputs, DataViewRow input, bool[] active, int capacity)
    {
        (_warn, _model, _scorer, _outputs, _texts) = (warn, model, scorer, outputs, new BertTexts(model));
        _tokenSize = outputs.TokenSize(model.Architecture);
        _mostPieces = ScoringMemory.Rows(MostPieces, _tokenSize);
        DataViewSchema.Column column = input.Schema[outputs.InputColumnName];
        if (column.Type is VectorDataViewType)
            _words = TokenInput.Create(input, outputs.InputColumnName);
        else
            _text = input.GetGetter<ReadOnlyMemory<char>>(column);
        int next = 0;
        if (active[next++])
            _pooled = OutputBuffer.Vector<float>(capacity, outputs.TokenColumns().TextSize(_tokenSize));
        List<OutputBuffer?> buffers = [_pooled];
        if (outputs.TokenVectorsColumnName is not null)
            buffers.Add(_vectors = active[next++] ? OutputBuffer.Variable<float>(capacity) : null);
        if (outputs.TokensColumnName is not null)
            buffers.Add(_tokens = active[next] ? OutputBuffer.Variable<ReadOnlyMemory<char>>(capacity) : null);
        Outputs = buffers;
    }

    public override IReadOnlyList<OutputBuffer?> Outputs { get; }

    public override bool IsFull => _texts.Batch.Total >= _mostPieces;

    /// <summary>How many texts are read ahead at most.</summary>
    /// <param name="tokenSize">The length of a piece's vector.</param>
    public static int BatchSize(int tokenSize) => ScoringMemory.Rows(PreferredBatchSize, held: 4L * tokenSize);

    public override void ReadRow(int slot)
    {
        if (slot == 0)
            _texts.Clear();
        if (_words is not null)
        {
            _words.Read(_row);
            _texts.AddWords(_row);
        }
        else
        {
            _text!(ref _current);
            if (_vectors is null && _tokens is null)
            {
                _texts.Add(_current.Span);
                return;
            }

            TokenInput.Split(_current, _row, _starts);
            _texts.AddWithWords(_current.Span, CollectionsMarshal.AsSpan(_starts));
        }

        if (_tokens is not null)
            _tokens[slot] = [.. _row.Select(token => (ReadOnlyMemory<char>)token.ToArray())];
    }

    public override void Score(int count)
    {
        if (_pooled is null && _vectors is null)
            return;
        int size = _model.Architecture.HiddenSize, width = _outputs.TokenColumns().TextSize(_tokenSize);
        float[]? pooled = _pooled?.Values(count);
        for (int slot = 0; slot < count && _vectors is not null; slot++)
            _vectors[slot] = new float[checked(_texts.Words(slot) * _tokenSize)];
        _scorer.Value.Run(_texts.Batch, _outputs.Lowest, _outputs.Highest, (slot, layers) =>
        {
            if (pooled is not null)
                _outputs.WriteText(layers, size, pooled.AsSpan(slot * width, width));
            for (int word = 0; _vectors is not null && word < _texts.Words(slot); word++)
                _outputs.WriteWord(layers, _texts.PlacesOf(slot, word), size, _vectors[slot].AsSpan(word * _tokenSize, _tokenSize));
        }, firstOnly: _outputs.Pooling == Pooling.First && _vectors is null);
    }

    public override void Dispose()
    {
        base.Dispose();
        _texts.ReportCut(_warn, _outputs.InputColumnName);
    }
}
