using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>
/// The output of the model as one worker trains it: from a hidden vector and what should be predicted, a step on the output's rows and the gradient for the
/// input's.
/// </summary>
/// <param name="output">A row for each output, and behind them one of zeros for each worker.</param>
/// <param name="outputs">How many outputs there are.</param>
/// <param name="zeros">This worker's row of zeros, which fills up the last group of rows.</param>
internal abstract class OutputLayer<TLanes>(TrainingMatrix output, int outputs, int zeros)
    where TLanes : struct, ILanes<TLanes>
{
    // Rows that are gone over before cancellation is looked for: few enough for any length of them, and many enough to cost nothing.
    private const int RowsOfACheck = 1 << 13;

    private readonly int[] _lastRows = new int[RowGroup.Size];
    private int[] _targets = [];
    private int _targetCount;
    private float[] _scales = [];
    private LossMean _loss = new();

    public ref LossMean Loss => ref _loss;

    /// <summary>Called now and then where many rows are learned at once; throws to stop.</summary>
    public Action? Check { get; set; }

    /// <summary>Where its random numbers stand; 0 where it has none.</summary>
    public virtual ulong Randomness
    {
        get => 0;
        set => ArgumentOutOfRangeException.ThrowIfNotEqual(value, 0UL);
    }

    protected int Outputs => outputs;

    /// <summary>The targets of the last <see cref="Prepare"/>.</summary>
    protected ReadOnlySpan<int> Targets => _targets.AsSpan(0, _targetCount);

    protected TrainingMatrix Output => output;

    /// <summary>Says what the next <see cref="Learn"/> will be about, so that the rows can be fetched.</summary>
    public virtual void Prepare(ReadOnlySpan<int> targets)
    {
        if (_targets.Length < targets.Length)
            _targets = new int[targets.Length];
        targets.CopyTo(_targets);
        _targetCount = targets.Length;
    }

    /// <summary>A step of gradient descent on the output's rows for all targets that were prepared, predicted from the same hidden vector.</summary>
    /// <param name="hidden">The hidden vector, padded.</param>
    /// <param name="gradient">The steps that the losses ask of the hidden vector are added to it, as the rows of the output were before their own.</param>
    /// <param name="learningRate">The learning rate.</param>
    public abstract void Learn(ref float hidden, ref float gradient, float learningRate);

    /// <summary>A step on independent yes-or-no decisions, one a row.</summary>
    /// <param name="rows">The rows; none twice in a <see cref="RowGroup"/>.</param>
    /// <param name="answers">1 where the answer should be yes, -1 where no; behind them there is room for a register.</param>
    /// <param name="hidden">The hidden vector.</param>
    /// <param name="gradient">Where the gradient is added.</param>
    /// <param name="learningRate">The learning rate.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected void LearnDecisions(ReadOnlySpan<int> rows, ReadOnlySpan<float> answers, ref float hidden, ref float gradient, float learningRate)
    {
        if (_scales.Length < Room(rows.Length))
            _scales = new float[2 * Room(rows.Length)];
        // All products first: those of one group need not wait for the steps of the one before.
        Score(rows, ref hidden, _scales);
        ref float scales = ref MemoryMarshal.GetArrayDataReference(_scales);
        for (int i = 0; i < rows.Length; i += Vector256<float>.Count)
        {
            Vector256<float> signs = Vector256.LoadUnsafe(in MemoryMarshal.GetReference(answers), (nuint)i) & RowMask(rows.Length - i);
            Vector256<float> right = FastSigmoid.Of(new Lanes256(signs * Vector256.LoadUnsafe(in scales, (nuint)i)));
            (Vector256.Create(learningRate) * signs * (Vector256<float>.One - right)).StoreUnsafe(ref scales, (nuint)i);
            _loss.Multiply(Vector256.ConditionalSelect(Vector256.Equals(signs, Vector256<float>.Zero), Vector256<float>.One, right));
        }

        Exchange(rows, _scales, ref hidden, ref gradient);
    }

    /// <summary>The inner products of the hidden vector and some rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="hidden">The hidden vector.</param>
    /// <param name="scores">Receives them; behind them there is room for a register.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected void Score(ReadOnlySpan<int> rows, ref float hidden, Span<float> scores)
    {
        for (int i = 0; i < rows.Length; i += RowGroup.Size)
        {
            if ((i + RowGroup.Size) % RowsOfACheck == 0)
                Check?.Invoke();
            var group = new RowGroup(output, Group(rows, i));
            VectorKernel<TLanes>.Dots(ref hidden, in group, output.Stride).StoreUnsafe(ref MemoryMarshal.GetReference(scores), (nuint)i);
        }
    }

    /// <summary>Adds the rows, scaled, to the gradient, and the hidden vector, scaled, to the rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="scales">What each is scaled by; behind them there is room for a register.</param>
    /// <param name="hidden">The hidden vector.</param>
    /// <param name="gradient">Where the gradient is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected void Exchange(ReadOnlySpan<int> rows, Span<float> scales, ref float hidden, ref float gradient)
    {
        scales.Slice(rows.Length, RowGroup.Size).Clear();
        for (int i = 0; i < rows.Length; i += RowGroup.Size)
        {
            if ((i + RowGroup.Size) % RowsOfACheck == 0)
                Check?.Invoke();
            var group = new RowGroup(output, Group(rows, i));
            VectorKernel<TLanes>.Exchange(ref hidden, ref gradient, in group, ref scales[i], output.Stride);
        }
    }

    /// <summary>So many values and room for a register behind them.</summary>
    protected static int Room(int values) => values + Vector256<float>.Count;

    // The next rows; the last group is filled up.
    private ReadOnlySpan<int> Group(ReadOnlySpan<int> rows, int start)
    {
        if (rows.Length - start >= RowGroup.Size)
            return rows.Slice(start, RowGroup.Size);
        _lastRows.AsSpan().Fill(zeros);
        rows[start..].CopyTo(_lastRows);
        return _lastRows;
    }

    private static Vector256<float> RowMask(int rows) =>
        Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(rows)).AsSingle();
}
