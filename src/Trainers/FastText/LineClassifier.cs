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
    private readonly List<int> _words = [];
    private readonly List<int> _otherRows = [];
    private readonly bool _learnsAllLabels = network.Arguments.Loss == FastTextLoss.OneVersusAll;
    private Line _line;
    private SplitMix _random = random;

    public override LossMean Loss => output.Loss;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Parse(ReadOnlySpan<byte> text, ReadOnlySpan<int> labels, List<int> line)
    {
        _words.Clear();
        _otherRows.Clear();
        int tokens = _dictionary.AppendLine(text, _otherRows, _tokens, _words) + labels.Length;
        line.AddRange([tokens, labels.Length, labels.Length > 0 ? _words.Count : 0]);
        if (labels.Length == 0)
            return;
        line.AddRange(labels);
        line.AddRange(CollectionsMarshal.AsSpan(_words));
        line.AddRange(CollectionsMarshal.AsSpan(_otherRows));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int Learn(ArraySegment<int> line, float learningRate)
    {
        int labels = line[1], firstWord = 3 + labels, firstRow = firstWord + line[2];
        Line next = default;
        if (labels > 0)
        {
            next.Targets = _learnsAllLabels ? line.Slice(3, labels) : line.Slice(3 + _random.Below(labels), 1);
            (next.Words, next.OtherRows, next.LearningRate) = (line[firstWord..firstRow], line[firstRow..], learningRate);
            next.RowCount = Prefetch(next.OtherRows) + PrefetchWords(next.Words);
        }

        End();
        _line = next;
        return line[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void End()
    {
        if (_line.RowCount == 0)
            return;
        output.Prepare(_line.Targets);
        float share = 1f / _line.RowCount;
        ReadOnlySpan<int> words = _line.Words, otherRows = _line.OtherRows;
        ref float hidden = ref _vectors.Row(0);
        ref float step = ref _vectors.Row(1);
        VectorKernel<TLanes>.Clear(ref hidden, _input.Stride);
        VectorKernel<TLanes>.Clear(ref step, _input.Stride);
        foreach (int word in words)
            VectorKernel<TLanes>.Add(ref hidden, _input, _dictionary.Rows(word), share);
        VectorKernel<TLanes>.Add(ref hidden, _input, otherRows, share);
        output.Learn(ref hidden, ref step, _line.LearningRate);
        foreach (int word in words)
            VectorKernel<TLanes>.AddTo(_input, _dictionary.Rows(word), ref step, share);
        VectorKernel<TLanes>.AddTo(_input, otherRows, ref step, share);
        _line = default;
    }

    private int Prefetch(ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
            _input.Prefetch(row);
        return rows.Length;
    }

    // The lists of the words' rows are in no near cache either: their ends are asked for before the first list is gone through.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int PrefetchWords(ReadOnlySpan<int> words)
    {
        foreach (int word in words)
        {
            ReadOnlySpan<int> rows = _dictionary.Rows(word);
            _input.Prefetch(rows[0]);
            _input.Prefetch(rows[^1]);
        }

        int count = 0;
        foreach (int word in words)
            count += Prefetch(_dictionary.Rows(word));
        return count;
    }

    /// <summary>What is learned from a line.</summary>
    private struct Line
    {
        public ArraySegment<int> Words;

        /// <summary>The rows of unknown words' n-grams and of word n-grams.</summary>
        public ArraySegment<int> OtherRows;

        public ArraySegment<int> Targets;

        /// <summary>All rows, those of the words too; none if there is nothing to learn.</summary>
        public int RowCount;

        public float LearningRate;
    }
}
