using System.Numerics.Tensors;

namespace MLNet.Papers.Scoring;

/// <summary>The buffers of <see cref="MulticlassColumns"/> for a batch of rows.</summary>
/// <param name="capacity">The most rows in a batch.</param>
/// <param name="classes">How many classes there are.</param>
internal sealed class ClassOutputs(int capacity, int classes)
{
    private readonly ScalarOutputBuffer<uint> _predictedLabel = OutputBuffer.Scalar<uint>(capacity);
    private readonly VectorOutputBuffer<float> _score = OutputBuffer.Vector<float>(capacity, classes);

    public IReadOnlyList<OutputBuffer?> Buffers => [_predictedLabel, _score];

    /// <summary>Room for the probabilities of all rows, one row after the other.</summary>
    /// <param name="count">How many rows there must be room for.</param>
    public float[] Scores(int count) => _score.Values(count);

    /// <summary>Predicts the most probable class of each row whose probabilities are there.</summary>
    public void Predict(int count)
    {
        for (int slot = 0; slot < count; slot++)
            _predictedLabel[slot] = (uint)TensorPrimitives.IndexOfMax<float>(_score[slot]) + 1;
    }
}
