using System.Runtime.CompilerServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>A word predicts each word in its window.</summary>
/// <remarks>
/// Bojanowski et al. (2017), section 3. Every prediction moves all rows of the word by the same step G, and so its hidden vector, their mean, by G too (by
/// more where a row is named twice). The rows are therefore read and written once for the window instead of once for each prediction: the arithmetic is the same.
/// </remarks>
internal sealed class SkipGram<TLanes> : WordLearner<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly float[] _stepScales;
    private readonly TrainingMatrix _vectors;
    private readonly int[] _context;

    public SkipGram(FastTextNetwork network, OutputLayer<TLanes> output, SplitMix random)
        : base(network, output, random)
    {
        _stepScales = network.StepScales;
        _vectors = new TrainingMatrix(3, Input.Columns);
        _context = new int[2 * network.Arguments.WindowSize];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Learn(ReadOnlySpan<int> words, float learningRate)
    {
        for (int center = 0; center < words.Length; center++)
        {
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
        ref float steps = ref _vectors.Row(2);
        VectorKernel<TLanes>.Mean(Input, rows, ref hidden);
        _vectors.Values(2).Clear();
        for (int i = 0; i < context.Length; i++)
        {
            Output.Learn(i, ref hidden, ref step, learningRate);
            VectorKernel<TLanes>.Advance(ref steps, ref hidden, _stepScales[word], ref step, Input.Stride);
        }

        VectorKernel<TLanes>.AddTo(Input, rows, ref steps, 1);
    }
}
