using System.Numerics.Tensors;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Outputs that are all scored for every example.</summary>
internal abstract class FullOutput<TLanes> : OutputLayer<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private int[] _targets = [];
    private int _count;

    private protected FullOutput(TrainingMatrix output, int outputs)
        : base(output, outputs)
    {
        Rows = new int[Pad(outputs)];
        for (int row = 0; row < Rows.Length; row++)
            Rows[row] = Math.Min(row, outputs);
    }

    protected int[] Rows { get; }

    protected ReadOnlySpan<int> Targets => _targets.AsSpan(0, _count);

    public sealed override void Prepare(ReadOnlySpan<int> targets)
    {
        if (_targets.Length < targets.Length)
            _targets = new int[targets.Length];
        targets.CopyTo(_targets);
        _count = targets.Length;
    }
}

/// <summary>Predicts one of all outputs by their softmax.</summary>
internal sealed class Softmax<TLanes>(TrainingMatrix output, int outputs) : FullOutput<TLanes>(output, outputs)
    where TLanes : struct, ILanes<TLanes>
{
    public override void Learn(int index, ref float hidden, ref float gradient, float learningRate)
    {
        Span<float> scores = Score(Rows, ref hidden);
        Span<float> outputs = scores[..Outputs];
        TensorPrimitives.Subtract(outputs, TensorPrimitives.Max<float>(outputs), outputs);
        TensorPrimitives.Exp<float>(outputs, outputs);
        TensorPrimitives.Divide(outputs, TensorPrimitives.Sum<float>(outputs), outputs);
        int target = Targets[index];
        Loss.Multiply(outputs[target]);
        Loss.EndExample();
        outputs[target] -= 1;
        TensorPrimitives.Multiply(outputs, -learningRate, outputs);
        scores[Outputs..].Clear();
        Exchange(Rows, scores, ref hidden, ref gradient);
    }
}

/// <summary>Decides on each output apart; all targets of an example are learned in one step.</summary>
internal sealed class OneVersusAll<TLanes> : FullOutput<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly float[] _signs;

    public OneVersusAll(TrainingMatrix output, int outputs)
        : base(output, outputs)
    {
        _signs = new float[Room(Rows.Length)];
        _signs.AsSpan(0, outputs).Fill(-1);
    }

    public override void Learn(int index, ref float hidden, ref float gradient, float learningRate)
    {
        foreach (int target in Targets)
            _signs[target] = 1;
        LearnDecisions(Rows, _signs, ref hidden, ref gradient, learningRate);
        Loss.EndExample();
        foreach (int target in Targets)
            _signs[target] = -1;
    }
}
