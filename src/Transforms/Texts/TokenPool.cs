using System.Numerics.Tensors;

namespace MLNet.Papers.Texts;

/// <summary>Collects the vectors of a piece of a text, one after the other; the mean is a sum until it is divided by the number of tokens.</summary>
/// <param name="pooling">How.</param>
/// <param name="size">The length of a token's vector.</param>
internal sealed class TokenPool(Pooling pooling, int size)
{
    private bool _isEmpty = true;

    /// <summary>What was collected.</summary>
    public float[] Values { get; } = new float[(pooling == Pooling.FirstLast ? 2 : 1) * size];

    /// <summary>Takes the next token's vector.</summary>
    public void Add(ReadOnlySpan<float> vector)
    {
        if (pooling == Pooling.Mean)
            TensorPrimitives.Add(Values, vector, Values);
        else if (_isEmpty)
            vector.CopyTo(Values);
        else if (pooling == Pooling.Max)
            TensorPrimitives.Max(Values, vector, Values);
        if (pooling == Pooling.FirstLast)
            vector.CopyTo(Values.AsSpan(size));
        _isEmpty = false;
    }

    /// <summary>Adds what was collected of a text's next piece to what its former pieces gave.</summary>
    /// <param name="pooling">How.</param>
    /// <param name="piece">What was collected.</param>
    /// <param name="text">What the former pieces gave.</param>
    /// <param name="isFirst">Whether there are none before it.</param>
    public static void Combine(Pooling pooling, ReadOnlySpan<float> piece, Span<float> text, bool isFirst)
    {
        if (isFirst)
            piece.CopyTo(text);
        else if (pooling == Pooling.Mean)
            TensorPrimitives.Add(text, piece, text);
        else if (pooling == Pooling.Max)
            TensorPrimitives.Max(text, piece, text);
        else if (pooling == Pooling.FirstLast)
            piece[(piece.Length / 2)..].CopyTo(text[(text.Length / 2)..]);
    }
}
