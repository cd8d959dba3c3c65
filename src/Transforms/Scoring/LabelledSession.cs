using MLNet.Papers.Labels;

namespace MLNet.Papers.Scoring;

/// <summary>Adds the label of a row, as a key of a classifier's classes, to what the classifier gives.</summary>
/// <param name="scoring">What gives the other columns; null where none of them is active.</param>
/// <param name="others">How many these are.</param>
/// <param name="label">Reads the label.</param>
/// <param name="capacity">The most rows in a batch.</param>
internal sealed class LabelledSession(ScoringSession? scoring, int others, KeyInput label, int capacity) : ScoringSession
{
    private readonly ScalarOutputBuffer<uint> _label = OutputBuffer.Scalar<uint>(capacity);

    public override IReadOnlyList<OutputBuffer?> Outputs => [.. scoring?.Outputs.Take(others) ?? new OutputBuffer?[others], _label];

    public override bool IsFull => scoring?.IsFull ?? false;

    public override void ReadRow(int slot)
    {
        scoring?.ReadRow(slot);
        _label[slot] = (uint)(label.ReadAll()[0] + 1);
    }

    public override void Score(int count) => scoring?.Score(count);

    public override void Dispose()
    {
        scoring?.Dispose();
        base.Dispose();
    }
}
