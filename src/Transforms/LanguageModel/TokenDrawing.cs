using System.Numerics.Tensors;
using MLNet.Papers.Networks;

namespace MLNet.Papers.LanguageModel;

/// <summary>
/// How the tokens of generated rows are drawn: from softmax(logits / temperature). What is drawn depends on the seed, the row and the step alone.
/// </summary>
/// <param name="Seed">The seed.</param>
/// <param name="Temperature">Above 0; 1 for the network's own probabilities.</param>
/// <param name="MaxLength">The most tokens of a row.</param>
/// <param name="HasLength">Whether every row has as many, so that none ends before.</param>
/// <param name="Unknown">A token that is not drawn; below 0 for none.</param>
internal sealed record TokenDrawing(int Seed, double Temperature, int MaxLength, bool HasLength, int Unknown)
{
    /// <summary>Draws a token.</summary>
    /// <param name="logits">What the network gives for each, which is overwritten.</param>
    /// <param name="row">The number of the row.</param>
    /// <param name="step">The number of the token in it.</param>
    public int Draw(Span<float> logits, int row, int step)
    {
        if (HasLength)
            logits[SequenceSymbols.Edge] = float.NegativeInfinity;
        if (Unknown >= 0)
            logits[Unknown] = float.NegativeInfinity;
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits);
        // The greatest is 0, which no infinity may meet.
        TensorPrimitives.Multiply(logits, (float)Math.Min(1 / Temperature, float.MaxValue), logits);
        TensorPrimitives.Exp<float>(logits, logits);
        double rest = Uniform(row, step) * TensorPrimitives.Sum<float>(logits);
        int drawn = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            if (logits[token] <= 0)
                continue;
            drawn = token;
            rest -= logits[token];
            if (rest < 0)
                break;
        }

        return drawn;
    }

    // From 0 to below 1, from a number that no other row, step or seed of a call has.
    private double Uniform(int row, int step)
    {
        ulong mixed = Mix(Mix((uint)Seed) ^ (((ulong)(uint)row << 32) | (uint)step));
        return (mixed >> 11) * (1.0 / (1UL << 53));

        static ulong Mix(ulong value) => SplitMix.Mix(unchecked(value + SplitMix.Growth));
    }
}
