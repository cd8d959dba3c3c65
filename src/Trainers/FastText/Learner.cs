namespace MLNet.Papers.FastText;

/// <summary>One worker's part of a training: learns from lines, one after the other, on matrices that it shares with the other workers.</summary>
internal abstract class Learner
{
    /// <summary>The loss of all examples so far.</summary>
    public abstract LossMean Loss { get; }

    /// <summary>Where its random numbers stand between two blocks of lines: its own, and those of its output.</summary>
    public abstract (ulong Own, ulong Output) Randomness { get; set; }

    /// <summary>Makes of a line what is learned from.</summary>
    /// <param name="names">What the tokens stand in, as UTF-8.</param>
    /// <param name="tokens">The line, looked up, without its end.</param>
    /// <param name="labels">The ids of the labels of a classifier's line, from 0; else empty.</param>
    /// <param name="line">Receives all that <see cref="Learn"/> needs to know of the line, behind what is there.</param>
    public abstract void Parse(ReadOnlySpan<byte> names, LineTokens tokens, List<int> labels, List<int> line);

    /// <summary>Learns from a line.</summary>
    /// <param name="line">What <see cref="Parse"/> made of it; must not change before <see cref="End"/>.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <returns>The tokens of the line, with its end and its labels, known or not.</returns>
    public abstract int Learn(ArraySegment<int> line, float learningRate);

    /// <summary>Learns from what was put off; to be called before the vectors or the loss are looked at.</summary>
    public virtual void End()
    {
    }
}
