using System.Runtime.CompilerServices;
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

    public sealed override LossMean Loss => output.Loss;

    protected FastTextDictionary Dictionary { get; } = network.Dictionary;

    protected TrainingMatrix Input { get; } = network.Input;

    protected OutputLayer<TLanes> Output => output;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override int Learn(ReadOnlySpan<byte> text, ReadOnlySpan<int> labels, float learningRate)
    {
        int tokens = 1, known = 0, kept = 0;
        var line = new TokenEnumerator(text);
        while (line.MoveNext())
        {
            tokens++;
            Take(Dictionary.Find(line.Current, line.Hash), learningRate, ref known, ref kept);
        }

        Take(Dictionary.EndOfSentence, learningRate, ref known, ref kept);
        Learn(_words.AsSpan(0, kept), learningRate);
        return tokens;
    }

    /// <summary>Learns from the words of a line that were kept.</summary>
    protected abstract void Learn(ReadOnlySpan<int> words, float learningRate);

    /// <summary>How far the window reaches to either side, drawn anew for each word: section 2 of Mikolov et al. (2013), whose model this extends.</summary>
    protected int DrawReach() => 1 + _random.Below(network.Arguments.WindowSize);

    private void Take(int word, float learningRate, ref int known, ref int kept)
    {
        if (word < 0)
            return;
        known++;
        if ((uint)_random.Next() <= network.KeepThresholds[word])
            _words[kept++] = word;
        if (known == LongestLine)
        {
            Learn(_words.AsSpan(0, kept), learningRate);
            known = kept = 0;
        }
    }
}
