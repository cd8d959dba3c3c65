using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Tells what should be predicted from some outputs drawn at random, in proportion to the square root of their counts.</summary>
internal sealed class NegativeSampling<TLanes> : OutputLayer<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly AliasTable _table;
    private readonly int _negatives;
    private readonly int _group;
    private readonly float[] _signs;
    private int[] _rows = [];
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
            _rows = new int[targets.Length * _group];
        int next = 0;
        foreach (int target in targets)
        {
            int end = next + _group;
            _rows[next++] = target;
            for (int i = 0; i < _negatives; i++)
            {
                int negative;
                do
                {
                    negative = _table.Draw(ref _random);
                }
                while (negative == target);
                _rows[next++] = negative;
            }

            while (next < end)
                _rows[next++] = Outputs;
        }
    }

    public override void Learn(int index, ref float hidden, ref float gradient, float learningRate) =>
        LearnDecisions(_rows.AsSpan(index * _group, _group), _signs, ref hidden, ref gradient, learningRate);
}
