namespace MLNet.Papers.FastText;

/// <summary>The binary tree of the hierarchical softmax: frequent outputs are near the root. Immutable.</summary>
/// <remarks>Nodes below <see cref="Outputs"/> are the outputs, the leaves; node n from there on decides by row n - Outputs of the output matrix.</remarks>
internal sealed class HuffmanTree
{
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly int[] _parents;

    /// <param name="counts">How often each output occurred, most frequent first.</param>
    public HuffmanTree(ReadOnlySpan<long> counts)
    {
        Outputs = counts.Length;
        int nodes = Math.Max((2 * Outputs) - 1, 0);
        (_left, _right, _parents) = (new int[nodes], new int[nodes], new int[nodes]);
        long[] sums = new long[nodes];
        counts.CopyTo(sums);
        int leaf = Outputs - 1;
        int inner = Outputs;
        for (int node = Outputs; node < nodes; node++)
        {
            _left[node] = Pick(node);
            _right[node] = Pick(node);
            sums[node] = sums[_left[node]] + sums[_right[node]];
            _parents[_left[node]] = node;
            _parents[_right[node]] = node;
        }

        // The rarer of the rarest leaf and the oldest node without a parent; the node, if they are equal.
        int Pick(int end) => leaf >= 0 && (inner >= end || sums[leaf] < sums[inner]) ? leaf-- : inner++;
    }

    public int Outputs { get; }

    /// <summary>The last node; with a single output that output itself.</summary>
    public int Root => _left.Length - 1;

    public int Left(int node) => _left[node];

    public int Right(int node) => _right[node];

    /// <summary>The way from an output up to the root: the rows that decide on it, and whether the way leaves each to the right.</summary>
    public IEnumerable<(int Row, bool IsRight)> Path(int output)
    {
        for (int node = output; node != Root; node = _parents[node])
            yield return (_parents[node] - Outputs, _right[_parents[node]] == node);
    }
}
