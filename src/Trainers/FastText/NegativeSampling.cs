using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Tells what should be predicted from some outputs drawn at random, in proportion to the square root of their counts.</summary>
internal sealed class NegativeSampling<TLanes> : OutputLayer<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private static readonly float[] OneRight = [1, 0, 0, 0, 0, 0, 0, 0];
    private static readonly float[] OneWrong = [-1, 0, 0, 0, 0, 0, 0, 0];

    private readonly AliasTable _table;
    private readonly int _negatives;
    private readonly int _group;
    private readonly float[] _signs;
    private int[] _rows = [];
    private bool[] _hasRepeats = [];
    private SplitMix _random;

    public NegativeSampling(TrainingMatrix output, int outputs, AliasTable table, int negatives, SplitMix random)
        : base(output, outputs)
    {
        (_table, _random) = (table, random);
        // With a single output there is nothing else to draw.
        _negatives = outputs > 1 ? negatives : 0;
        _group = Pad(1 + _negatives);
        _signs = new float[Room(_group)];
        _signs.AsSpan(0, 1 + _negatives).Fill(-1);
        _signs[0] = 1;
    }

    public override void Prepare(ReadOnlySpan<int> targets)
    {
        if (_rows.Length < targets.Length * _group)
        {
            _rows = new int[targets.Length * _group];
            _hasRepeats = new bool[targets.Length];
        }

        for (int i = 0; i < targets.Length; i++)
            _hasRepeats[i] = Draw(targets[i], _rows.AsSpan(i * _group, _group));
    }

    public override void Learn(int index, ref float hidden, ref float gradient, float learningRate)
    {
        ReadOnlySpan<int> rows = _rows.AsSpan(index * _group, _group);
        if (_hasRepeats[index])
            LearnOneByOne(rows[..(1 + _negatives)], ref hidden, ref gradient, learningRate);
        else
            LearnDecisions(rows, _signs, ref hidden, ref gradient, learningRate);
        Loss.EndExample();
    }

    // Whether a row was drawn twice.
    private bool Draw(int target, Span<int> rows)
    {
        rows[0] = target;
        bool hasRepeats = false;
        for (int i = 1; i <= _negatives; i++)
        {
            int negative;
            do
            {
                negative = _table.Draw(ref _random);
            }
            while (negative == target);
            hasRepeats |= rows[1..i].Contains(negative);
            rows[i] = negative;
        }

        rows[(1 + _negatives)..].Fill(Outputs);
        return hasRepeats;
    }

    // The second step on a row begins where the first one ended.
    private void LearnOneByOne(ReadOnlySpan<int> rows, ref float hidden, ref float gradient, float learningRate)
    {
        Span<int> group = [0, Outputs, Outputs];
        for (int i = 0; i < rows.Length; i++)
        {
            group[0] = rows[i];
            LearnDecisions(group, i == 0 ? OneRight : OneWrong, ref hidden, ref gradient, learningRate);
        }
    }
}
