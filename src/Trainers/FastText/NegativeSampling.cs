using System.Runtime.CompilerServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Tells what should be predicted from some outputs drawn at random, in proportion to the square root of their counts.</summary>
internal sealed class NegativeSampling<TLanes> : OutputLayer<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly AliasTable _table;
    private readonly float[] _answers;
    private readonly int _count;
    private int[] _rows = [];
    private bool[] _hasRepeats = [];
    private SplitMix _random;

    public NegativeSampling(TrainingMatrix output, int outputs, int zeros, AliasTable table, int negatives, SplitMix random)
        : base(output, outputs, zeros)
    {
        (_table, _random) = (table, random);
        // With a single output there is nothing else to draw.
        _count = 1 + (outputs > 1 ? negatives : 0);
        _answers = new float[Room(_count)];
        _answers.AsSpan().Fill(-1);
        _answers[0] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Prepare(ReadOnlySpan<int> targets)
    {
        if (_hasRepeats.Length < targets.Length)
        {
            _rows = new int[targets.Length * _count];
            _hasRepeats = new bool[targets.Length];
        }

        for (int i = 0; i < targets.Length; i++)
            _hasRepeats[i] = Draw(targets[i], _rows.AsSpan(i * _count, _count));
    }

    public override void Learn(int index, ref float hidden, ref float gradient, float learningRate)
    {
        ReadOnlySpan<int> rows = _rows.AsSpan(index * _count, _count);
        if (_hasRepeats[index])
        {
            // The second step on a row begins where the first one ended.
            for (int i = 0; i < rows.Length; i++)
                LearnDecisions(rows.Slice(i, 1), _answers.AsSpan(i == 0 ? 0 : 1), ref hidden, ref gradient, learningRate);
        }
        else
        {
            LearnDecisions(rows, _answers, ref hidden, ref gradient, learningRate);
        }

        Loss.EndExample();
    }

    // Whether a row was drawn twice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Draw(int target, Span<int> rows)
    {
        rows[0] = target;
        bool hasRepeats = false;
        for (int i = 1; i < rows.Length; i++)
        {
            int negative;
            do
            {
                negative = _table.Draw(ref _random);
            }
            while (negative == target);
            Output.Prefetch(negative);
            for (int j = 1; j < i; j++)
                hasRepeats |= rows[j] == negative;
            rows[i] = negative;
        }

        return hasRepeats;
    }
}
