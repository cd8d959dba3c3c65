using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>All rows of a line, those of its words, their n-grams and its word n-grams, together predict its label.</summary>
/// <remarks>
/// Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017, section 2. A line is learned from when the next one comes: its rows, scattered over a
/// matrix that no cache holds, are fetched meanwhile.
/// </remarks>
internal sealed class LineClassifier<TLanes>(FastTextNetwork network, OutputLayer<TLanes> output, SplitMix random) : Learner
    where TLanes : struct, ILanes<TLanes>
{
    private readonly FastTextDictionary _dictionary = network.Dictionary;
    private readonly TrainingMatrix _input = network.Input;
    private readonly TrainingMatrix _vectors = new(2, network.Input.Columns);
    private readonly LineTokens _tokens = new();
    private readonly bool _learnsAllLabels = network.Arguments.Loss == FastTextLoss.OneVersusAll;
    private Line _line = new();
    private Line _next = new();
    private SplitMix _random = random;

    public override LossMean Loss => output.Loss;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int Learn(ReadOnlySpan<byte> text, ReadOnlySpan<int> labels, float learningRate)
    {
        _next.Clear();
        int tokens = _dictionary.AppendLine(text, _next.OtherRows, _tokens, _next.Words) + labels.Length;
        if (labels.Length > 0)
        {
            _next.Targets.AddRange(_learnsAllLabels ? labels : labels.Slice(_random.Below(labels.Length), 1));
            _next.LearningRate = learningRate;
            _next.RowCount = Prefetch(CollectionsMarshal.AsSpan(_next.OtherRows)) + Prefetch(_next.Words);
        }

        End();
        (_line, _next) = (_next, _line);
        return tokens;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void End()
    {
        if (_line.RowCount == 0)
            return;
        output.Prepare(CollectionsMarshal.AsSpan(_line.Targets));
        float share = 1f / _line.RowCount;
        ReadOnlySpan<int> words = CollectionsMarshal.AsSpan(_line.Words), otherRows = CollectionsMarshal.AsSpan(_line.OtherRows);
        ref float hidden = ref _vectors.Row(0);
        ref float step = ref _vectors.Row(1);
        VectorKernel<TLanes>.Clear(ref hidden, _input.Stride);
        VectorKernel<TLanes>.Clear(ref step, _input.Stride);
        foreach (int word in words)
            VectorKernel<TLanes>.Add(ref hidden, _input, _dictionary.Rows(word), share);
        VectorKernel<TLanes>.Add(ref hidden, _input, otherRows, share);
        output.Learn(0, ref hidden, ref step, _line.LearningRate);
        foreach (int word in words)
            VectorKernel<TLanes>.AddTo(_input, _dictionary.Rows(word), ref step, share);
        VectorKernel<TLanes>.AddTo(_input, otherRows, ref step, share);
        _line.Clear();
    }

    private int Prefetch(ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
            _input.Prefetch(row);
        return rows.Length;
    }

    // The lists of the words' rows are in no near cache either: their ends are asked for before the first list is gone through.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Prefetch(List<int> words)
    {
        foreach (int word in CollectionsMarshal.AsSpan(words))
        {
            ReadOnlySpan<int> rows = _dictionary.Rows(word);
            _input.Prefetch(rows[0]);
            _input.Prefetch(rows[^1]);
        }

        int count = 0;
        foreach (int word in CollectionsMarshal.AsSpan(words))
            count += Prefetch(_dictionary.Rows(word));
        return count;
    }

    /// <summary>What is learned from a line.</summary>
    private sealed class Line
    {
        public List<int> Words { get; } = [];

        /// <summary>The rows of unknown words' n-grams and of word n-grams.</summary>
        public List<int> OtherRows { get; } = [];

        public List<int> Targets { get; } = [];

        /// <summary>All rows, those of the words too; none if there is nothing to learn.</summary>
        public int RowCount { get; set; }

        public float LearningRate { get; set; }

        public void Clear()
        {
            Words.Clear();
            OtherRows.Clear();
            Targets.Clear();
            RowCount = 0;
        }
    }
}
