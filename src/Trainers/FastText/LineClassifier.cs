using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>All rows of a line, those of its words, their n-grams and its word n-grams, together predict its label.</summary>
/// <remarks>
/// Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017, section 2. A line is learned from when the next two have come: its rows,
/// scattered over a matrix that no cache holds, are fetched meanwhile, and before them the lists of its words' rows.
/// </remarks>
internal sealed class LineClassifier<TLanes>(FastTextNetwork network, OutputLayer<TLanes> output, SplitMix random) : Learner
    where TLanes : struct, ILanes<TLanes>
{
    private const int RowsOfATurn = 256;

    private readonly FastTextDictionary _dictionary = network.Dictionary;
    private readonly TrainingMatrix _input = network.Input;
    private readonly TrainingMatrix _vectors = new(2, network.Input.Columns);
    private readonly List<int> _words = [];
    private readonly List<int> _otherRows = [];
    private readonly bool _learnsAllLabels = network.Arguments.Loss == FastTextLoss.OneVersusAll;
    private Line _announced;
    private Line _line;
    private SplitMix _random = random;
    private Polling _polling = new(network.Check);

    public override LossMean Loss => output.Loss;

    public override (ulong Own, ulong Output) Randomness
    {
        get => (_random.State, output.Randomness);
        set => (_random.State, output.Randomness) = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Parse(ReadOnlySpan<byte> names, LineTokens tokens, List<int> labels, List<int> line)
    {
        _words.Clear();
        _otherRows.Clear();
        int count = _dictionary.AppendLine(names, tokens, _otherRows, _words, network.Check) + labels.Count;
        line.AddRange([count, labels.Count, labels.Count > 0 ? _words.Count : 0]);
        if (labels.Count == 0)
            return;
        line.AddRange(CollectionsMarshal.AsSpan(labels));
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
            foreach (int word in next.Words.AsSpan())
                CacheLines.Prefetch(_dictionary.Rows(word));
        }

        Advance(next);
        return line[0];
    }

    public override void End()
    {
        Advance(default);
        Advance(default);
    }

    // Learns from the line whose rows are fetched by now, and has those of the line after it fetched.
    private void Advance(Line next)
    {
        if (_announced.Targets.Count > 0)
            _announced.RowCount = Prefetch(_announced.OtherRows) + PrefetchWords(_announced.Words);
        if (_line.RowCount > 0)
            Learn(_line);
        (_line, _announced) = (_announced, next);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Learn(in Line line)
    {
        output.Prepare(line.Targets);
        float share = 1f / line.RowCount;
        ReadOnlySpan<int> words = line.Words, otherRows = line.OtherRows;
        ref float hidden = ref _vectors.Row(0);
        ref float step = ref _vectors.Row(1);
        VectorKernel<TLanes>.Clear(ref hidden, _input.Stride);
        VectorKernel<TLanes>.Clear(ref step, _input.Stride);
        foreach (int word in words)
        {
            _polling.Turn();
            VectorKernel<TLanes>.Add(ref hidden, _input, _dictionary.Rows(word), share);
        }

        for (ReadOnlySpan<int> rows = otherRows; !rows.IsEmpty; rows = Rest(rows))
        {
            _polling.Turn();
            VectorKernel<TLanes>.Add(ref hidden, _input, First(rows), share);
        }

        output.Learn(ref hidden, ref step, line.LearningRate);
        foreach (int word in words)
        {
            _polling.Turn();
            VectorKernel<TLanes>.AddTo(_input, _dictionary.Rows(word), ref step, share);
        }

        for (ReadOnlySpan<int> rows = otherRows; !rows.IsEmpty; rows = Rest(rows))
        {
            _polling.Turn();
            VectorKernel<TLanes>.AddTo(_input, First(rows), ref step, share);
        }

        // Of more rows than this, so many at a time.
        static ReadOnlySpan<int> First(ReadOnlySpan<int> rows) => rows[..Math.Min(rows.Length, RowsOfATurn)];

        static ReadOnlySpan<int> Rest(ReadOnlySpan<int> rows) => rows[Math.Min(rows.Length, RowsOfATurn)..];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Prefetch(ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
            _input.Prefetch(row);
        return rows.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int PrefetchWords(ReadOnlySpan<int> words)
    {
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
