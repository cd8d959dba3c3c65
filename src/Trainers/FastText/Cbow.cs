using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>The words in a window, all rows of all of them, together predict the word in its middle.</summary>
internal sealed class Cbow<TLanes> : WordLearner<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly TrainingMatrix _vectors;
    private readonly List<int> _rows = [];

    public Cbow(FastTextNetwork network, OutputLayer<TLanes> output, SplitMix random)
        : base(network, output, random) => _vectors = new TrainingMatrix(2, Input.Columns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Learn(ReadOnlySpan<int> words, float learningRate)
    {
        for (int center = 0; center < words.Length; center++)
        {
            Polling.Turn();
            int reach = DrawReach();
            int first = Math.Max(0, center - reach), end = Math.Min(words.Length, center + reach + 1);
            _rows.Clear();
            for (int position = first; position < end; position++)
            {
                if (position != center)
                    _rows.AddRange(Dictionary.Rows(words[position]));
            }

            if (_rows.Count > 0)
                Predict(words.Slice(center, 1), CollectionsMarshal.AsSpan(_rows), learningRate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Predict(ReadOnlySpan<int> word, ReadOnlySpan<int> rows, float learningRate)
    {
        Output.Prepare(word);
        ref float hidden = ref _vectors.Row(0);
        ref float step = ref _vectors.Row(1);
        VectorKernel<TLanes>.Mean(Input, rows, ref hidden);
        VectorKernel<TLanes>.Clear(ref step, Input.Stride);
        Output.Learn(ref hidden, ref step, learningRate);
        VectorKernel<TLanes>.AddTo(Input, rows, ref step, 1);
    }
}
