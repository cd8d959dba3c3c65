using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Training;

/// <summary>A step of Adam over weights in the processor's memory, in one pass.</summary>
/// <remarks>libtorch's operations go over the weights eight times, and its roots of zeros are slow where MKL computes them.</remarks>
/// <param name="settings">The decays and the epsilon.</param>
/// <param name="keptWeight">What a weight is multiplied by first.</param>
/// <param name="squareScale">What the root of the mean square is divided by.</param>
/// <param name="step">What is added of mean / root.</param>
internal readonly struct AdamPass(AdamSettings settings, double keptWeight, double squareScale, double step)
{
    private readonly float _keptWeight = (float)keptWeight;
    private readonly float _keptMean = (float)settings.Beta1;
    private readonly float _addedMean = (float)(1 - settings.Beta1);
    private readonly float _keptSquare = (float)settings.Beta2;
    private readonly float _addedSquare = (float)(1 - settings.Beta2);
    private readonly float _squareScale = (float)squareScale;
    private readonly float _epsilon = (float)settings.Epsilon;
    private readonly float _step = (float)step;

    /// <summary>Takes the step.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="means">The means of the gradients.</param>
    /// <param name="squares">The means of their squares.</param>
    public void Run(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> means, Span<float> squares)
    {
        int whole = KernelTile.IsWide ? Run<Lanes512>(weights, gradients, means, squares, 0) : Run<Lanes256>(weights, gradients, means, squares, 0);
        Run<Lanes1>(weights, gradients, means, squares, whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Run<TLanes>(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> means, Span<float> squares, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        int count = weights.Length;
        ref float weight = ref MemoryMarshal.GetReference(weights), gradient = ref MemoryMarshal.GetReference(gradients[..count]);
        ref float mean = ref MemoryMarshal.GetReference(means[..count]), square = ref MemoryMarshal.GetReference(squares[..count]);
        TLanes keptWeight = TLanes.Broadcast(_keptWeight), keptMean = TLanes.Broadcast(_keptMean), addedMean = TLanes.Broadcast(_addedMean);
        TLanes keptSquare = TLanes.Broadcast(_keptSquare), addedSquare = TLanes.Broadcast(_addedSquare), scale = TLanes.Broadcast(_squareScale);
        TLanes epsilon = TLanes.Broadcast(_epsilon), step = TLanes.Broadcast(_step);
        for (; first + TLanes.Count <= count; first += TLanes.Count)
        {
            nuint place = (nuint)first;
            TLanes g = TLanes.Load(in gradient, place);
            TLanes m = TLanes.MultiplyAdd(g, addedMean, TLanes.Load(in mean, place) * keptMean);
            TLanes v = TLanes.MultiplyAdd(g * g, addedSquare, TLanes.Load(in square, place) * keptSquare);
            m.Store(ref mean, place);
            v.Store(ref square, place);
            TLanes root = (TLanes.SquareRoot(v) / scale) + epsilon;
            TLanes.MultiplyAdd(step, m / root, TLanes.Load(in weight, place) * keptWeight).Store(ref weight, place);
        }

        return first;
    }
}
