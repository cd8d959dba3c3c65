using System.Runtime.InteropServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>All rows of a line, those of its words, their n-grams and its word n-grams, together predict its label.</summary>
/// <remarks>Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017, section 2.</remarks>
internal sealed class LineClassifier<TLanes>(FastTextNetwork network, OutputLayer<TLanes> output, SplitMix random) : Learner
    where TLanes : struct, ILanes<TLanes>
{
    private readonly TrainingMatrix _vectors = new(2, network.Input.Columns);
    private readonly List<int> _rows = [];
    private readonly List<int> _hashes = [];
    private readonly bool _learnsAllLabels = network.Arguments.Loss == FastTextLoss.OneVersusAll;
    private SplitMix _random = random;

    public override LossMean Loss => output.Loss;

    public override int Learn(ReadOnlySpan<byte> text, ReadOnlySpan<int> labels, float learningRate)
    {
        _rows.Clear();
        int tokens = network.Dictionary.AppendLine(text, _rows, _hashes) + labels.Length;
        if (labels.Length > 0 && _rows.Count > 0)
        {
            ReadOnlySpan<int> targets = _learnsAllLabels ? labels : labels.Slice(_random.Below(labels.Length), 1);
            Predict(targets, CollectionsMarshal.AsSpan(_rows), learningRate);
        }

        return tokens;
    }

    private void Predict(ReadOnlySpan<int> targets, ReadOnlySpan<int> rows, float learningRate)
    {
        output.Prepare(targets);
        TrainingMatrix input = network.Input;
        ref float hidden = ref _vectors.Row(0);
        ref float step = ref _vectors.Row(1);
        VectorKernel<TLanes>.Mean(input, rows, ref hidden);
        _vectors.Values(1).Clear();
        output.Learn(0, ref hidden, ref step, learningRate);
        float share = 1f / rows.Length;
        foreach (int row in rows)
            VectorKernel<TLanes>.Add(ref input.Row(row), ref step, share, input.Stride);
    }
}
