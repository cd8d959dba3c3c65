using MLNet.Papers.Interop;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>The way to each output in a Huffman tree, as rows that decide on it; shared by all workers.</summary>
internal sealed class HuffmanPaths
{
    private readonly int[] _starts;
    private readonly int[] _rows;
    private readonly float[] _answers;

    /// <param name="counts">How often each output occurred, most frequent first.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public HuffmanPaths(ReadOnlySpan<long> counts, Action? check = null)
    {
        var polling = new Polling(check);
        var tree = new HuffmanTree(counts);
        var rows = new List<int>();
        var answers = new List<float>();
        _starts = new int[counts.Length + 1];
        for (int output = 0; output < counts.Length; output++)
        {
            polling.Turn();
            foreach ((int row, bool isRight) in tree.Path(output))
            {
                rows.Add(row);
                answers.Add(isRight ? 1 : -1);
            }

            _starts[output + 1] = rows.Count;
        }

        _rows = [.. rows];
        // They are read in whole registers.
        _answers = [.. answers, .. new float[16]];
    }

    public ReadOnlySpan<int> Rows(int output) => _rows.AsSpan(_starts[output].._starts[output + 1]);

    /// <summary>For each row of the way 1 if it goes right there, else -1; behind them there is room for a register.</summary>
    public ReadOnlySpan<float> Answers(int output) => _answers.AsSpan(_starts[output]);
}

/// <summary>Predicts by the decisions on the way from the root of a Huffman tree to the output.</summary>
internal sealed class HierarchicalSoftmax<TLanes>(TrainingMatrix output, int outputs, int zeros, HuffmanPaths paths)
    : OutputLayer<TLanes>(output, outputs, zeros)
    where TLanes : struct, ILanes<TLanes>
{
    public override void Learn(ref float hidden, ref float gradient, float learningRate)
    {
        foreach (int target in Targets)
        {
            LearnDecisions(paths.Rows(target), paths.Answers(target), ref hidden, ref gradient, learningRate);
            Loss.EndExample();
        }
    }
}
