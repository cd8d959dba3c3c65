using MLNet.Papers.Images;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Networks;

/// <summary>Puts what a network gives for a row into the output buffers.</summary>
/// <param name="output">M values, which may be overwritten; all NaN if a value of the row was not finite.</param>
/// <param name="slot">The row's place in the batch.</param>
internal delegate void RowWriter(Span<float> output, int slot);

/// <summary>Scores batches of one input column with a network.</summary>
/// <param name="reader">Reads the column.</param>
/// <param name="scorer">The network, from D to M values.</param>
/// <param name="architecture">Its shape.</param>
/// <param name="capacity">The most rows in a batch.</param>
/// <param name="outputs">A buffer for each output column; null where it is not active.</param>
/// <param name="write">Fills them.</param>
internal sealed class NetworkSession(
    RowReader reader,
    EmbeddingScorer scorer,
    INetworkArchitecture architecture,
    int capacity,
    IReadOnlyList<OutputBuffer?> outputs,
    RowWriter write) : ScoringSession
{
    private readonly int _inputSize = architecture.InputSize;
    private readonly int _outputSize = architecture.OutputSize;
    private readonly bool[] _finite = new bool[capacity];
    private float[] _rows = [];
    private float[] _results = [];

    public override IReadOnlyList<OutputBuffer?> Outputs => outputs;

    public override void ReadRow(int slot)
    {
        ScoringMemory.MakeRoom(ref _rows, slot, _inputSize, capacity);
        Span<float> row = _rows.AsSpan(slot * _inputSize, _inputSize);
        reader.Read(row);
        _finite[slot] = FiniteValues.AreAll(row);
    }

    public override void Score(int count)
    {
        ScoringMemory.MakeRoom(ref _results, count - 1, _outputSize, capacity);
        scorer.Embed(_rows, count, _results);
        for (int slot = 0; slot < count; slot++)
        {
            Span<float> result = _results.AsSpan(slot * _outputSize, _outputSize);
            if (!_finite[slot])
                result.Fill(float.NaN);
            write(result, slot);
        }
    }
}
