using System.Numerics.Tensors;

namespace MLNet.Papers.FastText;

/// <summary>The vectors of all words at length 1, each computed when it is first asked for. Threads may share it.</summary>
/// <remarks>A word without a direction has a vector of zeros. Two threads that compute the same vector at once write the same numbers.</remarks>
internal sealed class NormalizedWords(FastTextModel model)
{
    private const int RowsOfATask = 1024;

    private readonly DenseMatrix _vectors = new(model.Dictionary.WordCount, model.Dimension);
    private readonly byte[] _states = new byte[model.Dictionary.WordCount];
    private volatile bool _isComplete;

    private enum State : byte
    {
        Unknown,
        Zero,
        Known,
    }

    /// <summary>Whether the vectors of a model take no more than half a gigabyte, so that keeping them is no question.</summary>
    public static bool AreSmall(FastTextModel model) => 4L * model.Dictionary.WordCount * model.Dimension <= 1L << 29;

    /// <summary>The vector of a word, and whether it has a direction.</summary>
    public bool TryGet(int id, out ReadOnlySpan<float> vector)
    {
        byte state = Volatile.Read(ref _states[id]);
        if (state == (byte)State.Unknown)
            state = Compute(id, new float[model.Dimension]);
        vector = _vectors.Row(id);
        return state == (byte)State.Known;
    }

    /// <summary>The inner products of all words' vectors with a vector; those with the query over its length are cosines.</summary>
    public void Multiply(ReadOnlySpan<float> vector, Span<float> products)
    {
        Complete();
        _vectors.Multiply(vector, products);
    }

    private void Complete()
    {
        if (_isComplete)
            return;
        int tasks = (_states.Length + RowsOfATask - 1) / RowsOfATask;
        Parallel.For(0, tasks, task =>
        {
            float[] sum = new float[model.Dimension];
            for (int id = task * RowsOfATask; id < Math.Min((task + 1) * RowsOfATask, _states.Length); id++)
            {
                if (Volatile.Read(ref _states[id]) == (byte)State.Unknown)
                    Compute(id, sum);
            }
        });
        _isComplete = true;
    }

    private byte Compute(int id, float[] sum)
    {
        model.WordVector(id, sum, []);
        float norm = TensorPrimitives.Norm<float>(sum);
        if (norm > 0)
            TensorPrimitives.Divide(sum, norm, _vectors.Row(id));
        byte state = (byte)(norm > 0 ? State.Known : State.Zero);
        Volatile.Write(ref _states[id], state);
        return state;
    }
}
