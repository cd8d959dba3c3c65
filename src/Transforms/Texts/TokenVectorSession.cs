using System.Numerics.Tensors;
using Microsoft.ML;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Texts;

/// <summary>Writes the vector of a token of a piece.</summary>
/// <param name="token">The token, from 0.</param>
/// <param name="vector">Room for it.</param>
internal delegate void TokenWriter(int token, Span<float> vector);

/// <summary>Scores batches of texts. Long texts go through the network in pieces, so that the memory of the layers is bounded.</summary>
internal abstract class TokenVectorSession : ScoringSession
{
    // Texts that are read ahead: enough that those of one length come together, and that no thread waits long for another.
    private const int PreferredBatchSize = 256;

    // More tokens are not read ahead, so that a batch of long texts takes no more memory than one of short texts.
    private const int MostTokens = 8192;

    private readonly TokenVectorColumns _columns;
    private readonly int _tokenSize;
    private readonly int _longestPiece;
    private readonly int _mostTokens;
    private readonly TokenInput _input;
    private readonly List<ReadOnlyMemory<char>> _row = [];
    private readonly StringPool _pool = new();
    private readonly string[][] _texts;
    private readonly VectorOutputBuffer<float>? _pooled;
    private readonly VariableVectorOutputBuffer<float>? _vectors;
    private readonly VariableVectorOutputBuffer<ReadOnlyMemory<char>>? _tokens;
    private int _tokensRead;

    /// <param name="columns">What is put out.</param>
    /// <param name="tokenSize">The length of a token's vector.</param>
    /// <param name="longestPiece">The most tokens that the network reads in one go.</param>
    /// <param name="input">The row to read.</param>
    /// <param name="active">For each column of the outputs, whether it is wanted.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    protected TokenVectorSession(TokenVectorColumns columns, int tokenSize, int longestPiece, DataViewRow input, bool[] active, int capacity)
    {
        (_columns, _tokenSize, _longestPiece) = (columns, tokenSize, longestPiece);
        _mostTokens = ScoringMemory.Rows(MostTokens, tokenSize);
        _input = TokenInput.Create(input, columns.InputColumnName);
        _texts = new string[capacity][];
        int next = 0;
        if (active[next++])
            _pooled = OutputBuffer.Vector<float>(capacity, columns.TextSize(tokenSize));
        List<OutputBuffer?> buffers = [_pooled];
        if (columns.TokenVectorsColumnName is not null)
            buffers.Add(_vectors = active[next++] ? OutputBuffer.Variable<float>(capacity) : null);
        if (columns.TokensColumnName is not null)
            buffers.Add(_tokens = active[next] ? OutputBuffer.Variable<ReadOnlyMemory<char>>(capacity) : null);
        Outputs = buffers;
    }

    /// <summary>How many texts are read ahead at most.</summary>
    /// <param name="tokenSize">The length of a token's vector.</param>
    public static int BatchSize(int tokenSize) => ScoringMemory.Rows(PreferredBatchSize, held: 4L * tokenSize);

    public override IReadOnlyList<OutputBuffer?> Outputs { get; }

    /// <summary>The vectors of the texts.</summary>
    public VectorOutputBuffer<float>? Pooled => _pooled;

    public override bool IsFull => _tokensRead >= _mostTokens;

    public override void ReadRow(int slot)
    {
        _input.Read(_row);
        _tokensRead += _row.Count;
        _texts[slot] = [.. _row.Select(token => _pool.Get(token.Span))];
    }

    public override void Score(int count)
    {
        _tokensRead = 0;
        for (int slot = 0; slot < count && _tokens is not null; slot++)
            _tokens[slot] = [.. _texts[slot].Select(token => token.AsMemory())];
        if (_pooled is null && _vectors is null)
            return;

        var pieces = new List<string[]>();
        var places = new List<(int Slot, int First)>();
        for (int slot = 0; slot < count; slot++)
        {
            int first = 0;
            foreach (string[] piece in _texts[slot].Chunk(_longestPiece))
            {
                pieces.Add(piece);
                places.Add((slot, first));
                first += piece.Length;
            }

            if (_vectors is not null)
                _vectors[slot] = new float[checked(first * _tokenSize)];
            _pooled?[slot].Clear();
        }

        float[][] pooled = new float[pieces.Count][];
        Run(pieces, (number, write) =>
        {
            (int slot, int first) = places[number];
            var pool = new TokenPool(_columns.Pooling, _tokenSize);
            float[] vector = new float[_tokenSize];
            for (int token = 0; token < pieces[number].Length; token++)
            {
                Span<float> target = _vectors is null ? vector : _vectors[slot].AsSpan((first + token) * _tokenSize, _tokenSize);
                write(token, target);
                if (_pooled is not null)
                    pool.Add(target);
            }

            pooled[number] = pool.Values;
        });
        for (int number = 0; number < pieces.Count && _pooled is not null; number++)
        {
            (int slot, int first) = places[number];
            TokenPool.Combine(_columns.Pooling, pooled[number], _pooled[slot], isFirst: first == 0);
        }

        for (int slot = 0; slot < count && _pooled is not null && _columns.Pooling == Pooling.Mean; slot++)
        {
            if (_texts[slot].Length > 0)
                TensorPrimitives.Divide(_pooled[slot], _texts[slot].Length, _pooled[slot]);
        }
    }

    /// <summary>Runs pieces of texts through the network.</summary>
    /// <param name="pieces">Their tokens; none is empty.</param>
    /// <param name="receive">To be given the number of each piece and what writes its tokens' vectors; on any thread, and several at a time.</param>
    protected abstract void Run(IReadOnlyList<string[]> pieces, Action<int, TokenWriter> receive);
}
