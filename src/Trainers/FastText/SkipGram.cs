using System.Runtime.CompilerServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>A word predicts each word in its window.</summary>
/// <remarks>
/// Bojanowski et al. (2017), section 3. All words of a window are predicted from the hidden vector as it was before the first, and their steps are taken
/// together: a batch of a window.
/// </remarks>
internal sealed class SkipGram<TLanes> : WordLearner<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly TrainingMatrix _vectors;
    private readonly int[] _context;

    public SkipGram(FastTextNetwork network, OutputLayer<TLanes> output, SplitMix random)
        : base(network, output, random)
    {
        _vectors = new TrainingMatrix(2, Input.Columns);
        _context = new int[2 * network.Arguments.WindowSize];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Learn(ReadOnlySpan<int> words, float learningRate)
    {
        for (int center = 0; center < words.Length; center++)
        {
            Polling.Turn();
            if (center + 1 < words.Length)
            {
                foreach (int row in Dictionary.Rows(words[center + 1]))
                    Input.Prefetch(row);
            }

            int reach = DrawReach();
            int first = Math.Max(0, center - reach), end = Math.Min(words.Length, center + reach + 1);
            int count = end - first - 1;
            if (count == 0)
                continue;
            words[first..center].CopyTo(_context);
            words[(center + 1)..end].CopyTo(_context.AsSpan(center - first));
            Predict(words[center], _context.AsSpan(0, count), learningRate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Predict(int word, ReadOnlySpan<int> context, float learningRate)
    {
        Output.Prepare(context);
        ReadOnlySpan<int> rows = Dictionary.Rows(word);
        ref float hidden = ref _vectors.Row(0);
        ref float step = ref _vectors.Row(1);
        VectorKernel<TLanes>.Mean(Input, rows, ref hidden);
        VectorKernel<TLanes>.Clear(ref step, Input.Stride);
        Output.Learn(ref hidden, ref step, learningRate);
        VectorKernel<TLanes>.AddTo(Input, rows, ref step, 1);
    }
}
