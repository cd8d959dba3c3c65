using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>The output of the model as one worker trains it: from a hidden vector and what should be predicted, a step on the output's rows and the gradient for the input's.</summary>
/// <param name="output">A row for each output, and behind them <see cref="Padding"/> rows of zeros.</param>
/// <param name="outputs">How many outputs there are.</param>
internal abstract class OutputLayer<TLanes>(TrainingMatrix output, int outputs)
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Rows are worked on in groups of so many; a row of zeros fills the last group up.</summary>
    public const int Padding = 3;

    private LossMean _loss = new();
    private float[] _scores = [];

    public ref LossMean Loss => ref _loss;

    protected int Outputs => outputs;

    protected TrainingMatrix Output => output;

    /// <summary>Says what the next calls of <see cref="Learn"/> will be about.</summary>
    public abstract void Prepare(ReadOnlySpan<int> targets);

    /// <summary>One step of gradient descent on the output's rows.</summary>
    /// <param name="index">Which of the targets that were prepared.</param>
    /// <param name="hidden">The hidden vector, padded.</param>
    /// <param name="gradient">The step that the loss asks of the hidden vector is added to it, as the rows of the output were before their own.</param>
    /// <param name="learningRate">The learning rate.</param>
    public abstract void Learn(int index, ref float hidden, ref float gradient, float learningRate);

    /// <summary>So many rows in whole groups.</summary>
    protected static int Pad(int rows) => (rows + Padding - 1) / Padding * Padding;

    /// <summary>A step on independent yes-or-no decisions, one a row.</summary>
    /// <param name="rows">The rows, in whole groups; no row twice, but for the one that pads.</param>
    /// <param name="signs">1 where the answer should be yes, -1 where no, 0 for rows that only pad.</param>
    /// <param name="hidden">The hidden vector.</param>
    /// <param name="gradient">Where the gradient is added.</param>
    /// <param name="learningRate">The learning rate.</param>
    protected void LearnDecisions(ReadOnlySpan<int> rows, ReadOnlySpan<float> signs, ref float hidden, ref float gradient, float learningRate)
    {
        Span<float> scores = Score(rows, ref hidden);
        ref float first = ref MemoryMarshal.GetReference(scores);
        for (int i = 0; i < rows.Length; i += Vector256<float>.Count)
        {
            Vector256<float> sign = Vector256.LoadUnsafe(in MemoryMarshal.GetReference(signs), (nuint)i);
            Vector256<float> right = Sigmoid(sign * Vector256.LoadUnsafe(in first, (nuint)i));
            (Vector256.Create(learningRate) * sign * (Vector256<float>.One - right)).StoreUnsafe(ref first, (nuint)i);
            // Behind the rows there may be anything.
            Vector256<int> isRow = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(rows.Length - i));
            Vector256<float> counts = isRow.AsSingle() & ~Vector256.Equals(sign, Vector256<float>.Zero);
            _loss.Multiply(Vector256.ConditionalSelect(counts, right, Vector256<float>.One));
        }

        Exchange(rows, scores, ref hidden, ref gradient);
    }

    /// <summary>The inner products of the hidden vector and some rows, in room of this object; whole registers of it may be used.</summary>
    protected Span<float> Score(ReadOnlySpan<int> rows, ref float hidden)
    {
        int room = Room(rows.Length);
        if (_scores.Length < room)
            _scores = new float[room];
        ref float scores = ref MemoryMarshal.GetArrayDataReference(_scores);
        for (int i = 0; i < rows.Length; i += Padding)
        {
            VectorKernel<TLanes>.Dots(
                ref hidden, ref output.Row(rows[i]), ref output.Row(rows[i + 1]), ref output.Row(rows[i + 2]), output.Stride,
                out Unsafe.Add(ref scores, i), out Unsafe.Add(ref scores, i + 1), out Unsafe.Add(ref scores, i + 2));
        }

        return _scores.AsSpan(0, room);
    }

    /// <summary>Adds the rows, scaled, to the gradient, and the hidden vector, scaled, to the rows.</summary>
    protected void Exchange(ReadOnlySpan<int> rows, ReadOnlySpan<float> scales, ref float hidden, ref float gradient)
    {
        for (int i = 0; i < rows.Length; i += Padding)
        {
            VectorKernel<TLanes>.Exchange(
                ref hidden, ref gradient, ref output.Row(rows[i]), ref output.Row(rows[i + 1]), ref output.Row(rows[i + 2]),
                scales[i], scales[i + 1], scales[i + 2], output.Stride);
        }
    }

    // e^-x as a power of two times a polynomial in what is left, within 2e-7: a third of the time of the exact function, which alone would take a sixth of the training.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sigmoid(Vector256<float> x)
    {
        Vector256<float> bits = Vector256.Clamp(x, Vector256.Create(-80f), Vector256.Create(80f)) * Vector256.Create(-1.4426950408889634f);
        Vector256<float> whole = Vector256.Round(bits);
        Vector256<float> rest = bits - whole;
        // Taylor's series of 2^rest, |rest| <= 1/2.
        Vector256<float> power = Vector256.Create(1.5403530e-4f);
        power = Vector256.FusedMultiplyAdd(power, rest, Vector256.Create(1.3333558e-3f));
        power = Vector256.FusedMultiplyAdd(power, rest, Vector256.Create(9.6181291e-3f));
        power = Vector256.FusedMultiplyAdd(power, rest, Vector256.Create(5.5504109e-2f));
        power = Vector256.FusedMultiplyAdd(power, rest, Vector256.Create(0.24022651f));
        power = Vector256.FusedMultiplyAdd(power, rest, Vector256.Create(0.69314718f));
        power = Vector256.FusedMultiplyAdd(power, rest, Vector256<float>.One);
        Vector256<float> scale = ((Vector256.ConvertToInt32(whole) + Vector256.Create(127)) << 23).AsSingle();
        return Vector256<float>.One / Vector256.FusedMultiplyAdd(power, scale, Vector256<float>.One);
    }

    /// <summary>So many values in whole registers.</summary>
    protected static int Room(int rows) => (rows + Vector256<float>.Count - 1) / Vector256<float>.Count * Vector256<float>.Count;
}
