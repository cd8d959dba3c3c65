using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>The way to each output in a Huffman tree, as rows that decide on it; shared by all workers.</summary>
internal sealed class HuffmanPaths
{
    private readonly int[] _starts;
    private readonly int[] _rows;
    private readonly float[] _signs;

    /// <param name="counts">How often each output occurred, most frequent first.</param>
    /// <param name="padding">The size of the groups that rows are worked on in.</param>
    public HuffmanPaths(ReadOnlySpan<long> counts, int padding)
    {
        var tree = new HuffmanTree(counts);
        var rows = new List<int>();
        var signs = new List<float>();
        _starts = new int[counts.Length + 1];
        for (int output = 0; output < counts.Length; output++)
        {
            foreach ((int row, bool isRight) in tree.Path(output))
            {
                rows.Add(row);
                signs.Add(isRight ? 1 : -1);
            }

            while (rows.Count % padding != 0)
            {
                rows.Add(counts.Length);
                signs.Add(0);
            }

            _starts[output + 1] = rows.Count;
        }

        _rows = [.. rows];
        // Signs are read in whole registers.
        _signs = [.. signs, .. new float[16]];
    }

    public ReadOnlySpan<int> Rows(int output) => _rows.AsSpan(_starts[output].._starts[output + 1]);

    public ReadOnlySpan<float> Signs(int output) => _signs.AsSpan(_starts[output]);
}

/// <summary>Predicts by the decisions on the way from the root of a Huffman tree to the output.</summary>
internal sealed class HierarchicalSoftmax<TLanes>(TrainingMatrix output, int outputs, HuffmanPaths paths) : OutputLayer<TLanes>(output, outputs)
    where TLanes : struct, ILanes<TLanes>
{
    private int[] _targets = [];

    public override void Prepare(ReadOnlySpan<int> targets)
    {
        if (_targets.Length < targets.Length)
            _targets = new int[targets.Length];
        targets.CopyTo(_targets);
    }

    public override void Learn(int index, ref float hidden, ref float gradient, float learningRate)
    {
        LearnDecisions(paths.Rows(_targets[index]), paths.Signs(_targets[index]), ref hidden, ref gradient, learningRate);
        Loss.EndExample();
    }
}
