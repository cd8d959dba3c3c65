using System.Runtime.CompilerServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Tells what should be predicted from some outputs drawn at random, in proportion to the square root of their counts.</summary>
/// <remarks>
/// Targets are learned together, as one batch, where none of them has drawn a row twice: so their inner products need not wait for each other's steps. They
/// must fill whole groups of rows, of which only one target's are all different; a row that two targets of a batch name is moved by both.
/// </remarks>
internal sealed class NegativeSampling<TLanes> : OutputLayer<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly AliasTable _table;
    private readonly int _count;
    private readonly bool _fillsGroups;
    private float[] _answers = [];
    private int[] _rows = [];
    private bool[] _hasRepeats = [];
    private SplitMix _random;

    public NegativeSampling(TrainingMatrix output, int outputs, int zeros, AliasTable table, int negatives, SplitMix random)
        : base(output, outputs, zeros)
    {
        (_table, _random) = (table, random);
        // With a single output there is nothing else to draw.
        _count = RoomFor(1, 1L + (outputs > 1 ? negatives : 0));
        _fillsGroups = _count % RowGroup.Size == 0;
    }

    public override ulong Randomness
    {
        get => _random.State;
        set => _random.State = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Prepare(ReadOnlySpan<int> targets)
    {
        base.Prepare(targets);
        if (_hasRepeats.Length < targets.Length)
            MakeRoom(targets.Length);
        for (int i = 0; i < targets.Length; i++)
            _hasRepeats[i] = Draw(targets[i], _rows.AsSpan(i * _count, _count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Learn(ref float hidden, ref float gradient, float learningRate)
    {
        int targets = Targets.Length;
        for (int target = 0, end; target < targets; target = end)
        {
            end = target + 1;
            if (_hasRepeats[target])
            {
                // The second step on a row begins where the first one ended.
                for (int i = 0; i < _count; i++)
                    LearnDecisions(_rows.AsSpan((target * _count) + i, 1), _answers.AsSpan(i == 0 ? 0 : 1), ref hidden, ref gradient, learningRate);
            }
            else
            {
                while (_fillsGroups && end < targets && !_hasRepeats[end])
                    end++;
                LearnDecisions(_rows.AsSpan((target * _count)..(end * _count)), _answers, ref hidden, ref gradient, learningRate);
            }
        }

        Loss.EndExamples(targets);
    }

    private void MakeRoom(int targets)
    {
        _hasRepeats = new bool[targets];
        _rows = new int[RoomFor(targets, _count)];
        _answers = new float[Room(_rows.Length)];
        _answers.AsSpan().Fill(-1);
        for (int target = 0; target < targets; target++)
            _answers[target * _count] = 1;
    }

    // The rows of so many targets; of as many decisions twice the room is needed at most.
    private static int RoomFor(long targets, long rows) => targets * rows <= Array.MaxLength / 4
        ? (int)(targets * rows)
        : throw new InvalidOperationException(
            $"NegativeSamples = {rows - 1} are too many: {targets} words of a context or labels of a row with {rows} rows each cannot be learned at once. " +
            "Lower NegativeSamples.");

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
