using System.Numerics.Tensors;
using Microsoft.ML;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>Scores batches of texts. Long texts go through the network in pieces, so that the memory of the layers is bounded.</summary>
internal sealed class ElmoSession : ScoringSession
{
    private readonly ElmoArchitecture _architecture;
    private readonly ElmoOutputs _outputs;
    private readonly LazyScorer<ElmoScorer>? _scorer;
    private readonly TokenInput _input;
    private readonly List<ReadOnlyMemory<char>> _row = [];
    private readonly StringPool _pool = new();
    private readonly string[][] _texts;
    private readonly VectorOutputBuffer<float>? _pooled;
    private readonly VariableVectorOutputBuffer<float>? _vectors;
    private readonly VariableVectorOutputBuffer<ReadOnlyMemory<char>>? _tokens;

    /// <param name="model">The network's shape.</param>
    /// <param name="scorer">The network, which is made only if a column needs it.</param>
    /// <param name="outputs">What is put out.</param>
    /// <param name="input">The row to read.</param>
    /// <param name="active">For each column of the outputs, whether it is wanted.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    public ElmoSession(ElmoModel model, LazyScorer<ElmoScorer> scorer, ElmoOutputs outputs, DataViewRow input, bool[] active, int capacity)
    {
        _architecture = model.Architecture;
        _outputs = outputs;
        _input = TokenInput.Create(input, outputs.InputColumnName);
        _texts = new string[capacity][];
        int next = 0;
        if (active[next++])
            _pooled = OutputBuffer.Vector<float>(capacity, outputs.TextSize(_architecture));
        List<OutputBuffer?> buffers = [_pooled];
        if (outputs.TokenVectorsColumnName is not null)
            buffers.Add(_vectors = active[next++] ? OutputBuffer.Variable<float>(capacity) : null);
        if (outputs.TokensColumnName is not null)
            buffers.Add(_tokens = active[next] ? OutputBuffer.Variable<ReadOnlyMemory<char>>(capacity) : null);
        Outputs = buffers;
        if (_pooled is not null || _vectors is not null)
            _scorer = scorer;
    }

    public override IReadOnlyList<OutputBuffer?> Outputs { get; }

    /// <summary>The vectors of the texts.</summary>
    public VectorOutputBuffer<float>? Pooled => _pooled;

    public override void ReadRow(int slot)
    {
        _input.Read(_row);
        _texts[slot] = [.. _row.Select(token => _pool.Get(token.Span))];
    }

    public override void Score(int count)
    {
        for (int slot = 0; slot < count && _tokens is not null; slot++)
            _tokens[slot] = [.. _texts[slot].Select(token => token.AsMemory())];
        if (_scorer is null)
            return;

        int size = _outputs.TokenSize(_architecture);
        var pieces = new List<string[]>();
        var places = new List<(int Slot, int First)>();
        for (int slot = 0; slot < count; slot++)
        {
            int first = 0;
            foreach (string[] piece in ElmoModel.Pieces(_texts[slot]))
            {
                pieces.Add(piece);
                places.Add((slot, first));
                first += piece.Length;
            }

            if (_vectors is not null)
                _vectors[slot] = new float[checked(first * size)];
            _pooled?[slot].Clear();
        }

        float[][] pooled = new float[pieces.Count][];
        _scorer.Value.Run(pieces, (number, sentence) =>
        {
            (int slot, int first) = places[number];
            var pool = new TokenPool(_outputs.Pooling, size);
            float[] vector = new float[size], scratch = new float[_architecture.LayerSize];
            for (int token = 0; token < sentence.Tokens; token++)
            {
                Span<float> target = _vectors is null ? vector : _vectors[slot].AsSpan((first + token) * size, size);
                _outputs.WriteToken(_architecture, sentence, token, target, scratch);
                if (_pooled is not null)
                    pool.Add(target);
            }

            pooled[number] = pool.Values;
        });
        for (int number = 0; number < pieces.Count && _pooled is not null; number++)
        {
            (int slot, int first) = places[number];
            TokenPool.Combine(_outputs.Pooling, pooled[number], _pooled[slot], isFirst: first == 0);
        }

        for (int slot = 0; slot < count && _pooled is not null && _outputs.Pooling == Pooling.Mean; slot++)
        {
            if (_texts[slot].Length > 0)
                TensorPrimitives.Divide(_pooled[slot], _texts[slot].Length, _pooled[slot]);
        }
    }
}
