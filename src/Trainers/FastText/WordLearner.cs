using System.Runtime.CompilerServices;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Learns word vectors: the words of a line that subsampling leaves predict each other.</summary>
internal abstract class WordLearner<TLanes>(FastTextNetwork network, OutputLayer<TLanes> output, SplitMix random) : Learner
    where TLanes : struct, ILanes<TLanes>
{
    // The reference program cuts lines so; a vector of that many words is no sentence.
    private const int LongestLine = 1025;

    private readonly int[] _words = new int[LongestLine];
    private SplitMix _random = random;
    private Polling _polling = new(network.Check);

    public sealed override LossMean Loss => output.Loss;

    public sealed override (ulong Own, ulong Output) Randomness
    {
        get => (_random.State, output.Randomness);
        set => (_random.State, output.Randomness) = value;
    }

    protected FastTextDictionary Dictionary { get; } = network.Dictionary;

    protected TrainingMatrix Input { get; } = network.Input;

    protected OutputLayer<TLanes> Output => output;

    /// <summary>Looks for cancellation between the words of a line.</summary>
    protected ref Polling Polling => ref _polling;

    // The number of tokens, and the words that are known.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override void Parse(ReadOnlySpan<byte> names, LineTokens tokens, List<int> labels, List<int> line)
    {
        line.Add(tokens.Count + 1);
        foreach (int word in tokens.Ids)
        {
            if (word >= 0)
                line.Add(word);
        }

        if (Dictionary.EndOfSentence >= 0)
            line.Add(Dictionary.EndOfSentence);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override int Learn(ArraySegment<int> line, float learningRate)
    {
        int length;
        for (ReadOnlySpan<int> words = line.AsSpan(1); !words.IsEmpty; words = words[length..])
        {
            // An end of a sentence that is written out ends the line, as in the reference program.
            length = Math.Min(LongestLine, words.Length);
            int end = words[..length].IndexOf(Dictionary.EndOfSentence);
            length = end >= 0 ? end + 1 : length;
            int kept = 0;
            foreach (int word in words[..length])
            {
                if ((uint)_random.Next() <= network.KeepThresholds[word])
                    _words[kept++] = word;
            }

            Learn(_words.AsSpan(0, kept), learningRate);
        }

        return line[0];
    }

    /// <summary>Learns from the words of a line that were kept.</summary>
    protected abstract void Learn(ReadOnlySpan<int> words, float learningRate);

    /// <summary>How far the window reaches to either side, drawn anew for each word: section 2 of Mikolov et al. (2013), whose model this extends.</summary>
    protected int DrawReach() => 1 + _random.Below(network.Arguments.WindowSize);
}
