using MLNet.Papers.Texts;
using MLNet.Papers.Training;

namespace MLNet.Papers.Elmo;

/// <summary>
/// The sentences in an order that is drawn anew for every epoch, one after the other, cut into B streams of equal length and these into windows of T steps: no
/// step is padding. The second direction has the same sentences, each in reverse.
/// </summary>
/// <remarks>A sentence of N tokens has N + 1 steps: the mark before it and its tokens are read, its tokens and the mark behind it predicted.</remarks>
internal sealed class SentenceStreams
{
    private readonly TokenCorpus _corpus;
    private readonly EpochOrder<Epoch> _epochs;

    /// <param name="corpus">The sentences.</param>
    /// <param name="streams">B; fewer if there are not enough tokens.</param>
    /// <param name="window">T.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <exception cref="InvalidOperationException">There are not enough tokens for two windows.</exception>
    public SentenceStreams(TokenCorpus corpus, int streams, int window, int seed)
    {
        (_corpus, Window) = (corpus, window);
        long steps = (long)corpus.TokenCount + corpus.SentenceCount;
        if (steps < 2 * window)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{corpus.Column}' has {corpus.TokenCount} tokens in {corpus.SentenceCount} rows; ") +
                FormattableString.Invariant($"with the ends of rows training needs at least two windows of WindowLength = {window}. ") +
                "Lower WindowLength or add rows.");
        }

        Streams = (int)Math.Min(streams, steps / window);
        StreamLength = steps / Streams;
        _epochs = new(seed, WindowsPerEpoch, Arrange);
    }

    /// <summary>B.</summary>
    public int Streams { get; }

    /// <summary>T.</summary>
    public int Window { get; }

    /// <summary>Windows of an epoch.</summary>
    public long WindowsPerEpoch => StreamLength / Window;

    private long StreamLength { get; }

    /// <summary>The mark before a sentence, behind the numbers of words.</summary>
    public int Begin => _corpus.Words.Count;

    /// <summary>The mark behind a sentence.</summary>
    public int End => _corpus.Words.Count + 1;

    /// <summary>Reads a window of a direction.</summary>
    /// <param name="step">The training step, from 0.</param>
    /// <param name="direction">0 forward, 1 backward.</param>
    /// <param name="inputs">Receives T × B words, all streams of a step beside each other.</param>
    /// <param name="targets">Receives what each predicts.</param>
    public void Read(long step, int direction, Span<int> inputs, Span<int> targets)
    {
        (Epoch epoch, long window) = _epochs.At(step);
        for (int stream = 0; stream < Streams; stream++)
        {
            long place = (stream * StreamLength) + (window * Window);
            int index = Array.BinarySearch(epoch.Starts, place);
            if (index < 0)
                index = ~index - 1;
            int offset = (int)(place - epoch.Starts[index]);
            ReadOnlySpan<int> sentence = _corpus.Sentence(epoch.Order[index]);
            for (int t = 0; t < Window; t++, offset++)
            {
                if (offset > sentence.Length)
                {
                    sentence = _corpus.Sentence(epoch.Order[++index]);
                    offset = 0;
                }

                int input = direction == 0 ? Forward(sentence, offset) : Backward(sentence, offset);
                int target = direction == 0 ? Forward(sentence, offset + 1) : Backward(sentence, offset + 1);
                inputs[(t * Streams) + stream] = input;
                targets[(t * Streams) + stream] = target;
            }
        }
    }

    private int Forward(ReadOnlySpan<int> sentence, int place) => place == 0 ? Begin : place <= sentence.Length ? sentence[place - 1] : End;

    private int Backward(ReadOnlySpan<int> sentence, int place) => place == 0 ? End : place <= sentence.Length ? sentence[^place] : Begin;

    private Epoch Arrange(Random random)
    {
        int[] order = EpochOrder.Shuffled(_corpus.SentenceCount, random);
        long[] starts = new long[order.Length];
        for (int i = 1; i < order.Length; i++)
            starts[i] = starts[i - 1] + _corpus.Length(order[i - 1]) + 1;
        return new(order, starts);
    }

    // The sentences in their order, and at which step each begins.
    private sealed record Epoch(int[] Order, long[] Starts);
}
