using System.Numerics.Tensors;

namespace MLNet.Papers.Scoring;

/// <summary>From logits to probabilities.</summary>
internal static class ClassProbabilities
{
    /// <summary>Puts the softmax of the logits in their place. The greatest becomes 0 first: beyond 88 its power would be no Single any more.</summary>
    public static void Softmax(Span<float> logits)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits);
        TensorPrimitives.Exp<float>(logits, logits);
        TensorPrimitives.Divide(logits, TensorPrimitives.Sum<float>(logits), logits);
    }
}
