using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.FastText;

/// <summary>Outputs that are all scored for every example.</summary>
internal abstract class FullOutput<TLanes>(TrainingMatrix output, int outputs, int zeros) : OutputLayer<TLanes>(output, outputs, zeros)
    where TLanes : struct, ILanes<TLanes>
{
    protected int[] Rows { get; } = [.. Enumerable.Range(0, outputs)];
}

/// <summary>Predicts one of all outputs by their softmax.</summary>
internal sealed class Softmax<TLanes>(TrainingMatrix output, int outputs, int zeros) : FullOutput<TLanes>(output, outputs, zeros)
    where TLanes : struct, ILanes<TLanes>
{
    private readonly float[] _scores = new float[Room(outputs)];

    public override void Learn(ref float hidden, ref float gradient, float learningRate)
    {
        foreach (int target in Targets)
        {
            Score(Rows, ref hidden, _scores);
            Span<float> scores = _scores.AsSpan(0, Outputs);
            ClassProbabilities.Softmax(scores);
            Loss.Multiply(scores[target]);
            Loss.EndExample();
            scores[target] -= 1;
            TensorPrimitives.Multiply(scores, -learningRate, scores);
            Exchange(Rows, _scores, ref hidden, ref gradient);
        }
    }
}

/// <summary>Decides on each output apart; all targets of an example are learned in one step.</summary>
internal sealed class OneVersusAll<TLanes> : FullOutput<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private readonly float[] _answers;

    public OneVersusAll(TrainingMatrix output, int outputs, int zeros)
        : base(output, outputs, zeros)
    {
        _answers = new float[Room(outputs)];
        _answers.AsSpan().Fill(-1);
    }

    public override void Learn(ref float hidden, ref float gradient, float learningRate)
    {
        foreach (int target in Targets)
            _answers[target] = 1;
        LearnDecisions(Rows, _answers, ref hidden, ref gradient, learningRate);
        Loss.EndExample();
        foreach (int target in Targets)
            _answers[target] = -1;
    }
}
