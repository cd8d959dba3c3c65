using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<BinaryDistillationTransformer>("BinaryDistillation")]

namespace MLNet.Papers;

/// <summary>Tells two classes apart with a network that learned from a teacher.</summary>
/// <remarks>
/// <para><b>Source.</b> Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770; Hinton, Vinyals and Dean 2015, arXiv:1503.02531.</para>
/// <para><b>Input.</b> Features: a vector of Single, or images if the network reads images.</para>
/// <para><b>Output.</b> PredictedLabel: Boolean, whether Score is above 0. Score: Single, ln(p / (1 − p)). Probability: Single, p(true | row). A row with a
/// value that is not finite, or
/// without an image, gets NaN, NaN and false.</para>
/// </remarks>
public sealed class BinaryDistillationTransformer : NetworkTransformer, ISavedTransformer<BinaryDistillationTransformer>,
IPredictionModel<BinaryDistillationTransformer>
{
    private readonly State _state;

    internal BinaryDistillationTransformer(IHostEnvironment environment, State state, DistillationReport? report = null)
        : base(environment, state.Architecture, device => EmbeddingScorer.Create(state.Architecture, state.Weights, device)) =>
            (_state, Report) = (state, report);

    /// <summary>The name of the column of features.</summary>
    public string FeatureColumnName => _state.Features.Name;

    /// <summary>What the fit found about the teacher and the student; null for a model that was loaded.</summary>
    public DistillationReport? Report { get; }

    private protected override IEnumerable<InputColumn> Inputs => [_state.Features.Of(_state.Architecture)];

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => BinaryColumns.Create(input);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        ScalarOutputBuffer<bool> predictedLabel = OutputBuffer.Scalar<bool>(capacity);
        ScalarOutputBuffer<float> score = OutputBuffer.Scalar<float>(capacity), probability = OutputBuffer.Scalar<float>(capacity);
        return CreateSession(_state.Features.CreateReader(input), capacity, [predictedLabel, score, probability],
            (logits, slot) =>
        {
            // The two logits of the network are those of false and true: the softmax of both is the sigmoid of their difference.
            float logit = logits[1] - logits[0];
            (predictedLabel[slot], score[slot], probability[slot]) = (logit > 0, logit, 1 / (1 + MathF.Exp(-logit)));
        });
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows)
    {
        OnnxValue logits = _state.Architecture.ToOnnx(graph, rows, _state.Weights);
        OnnxValue score = graph.Subtract(graph.Slice(logits, axis: 1, start: 1), graph.Slice(logits, axis: 1, start: 0, end: 1));
        return [new(BinaryColumns.Score, score, 1) { IsPositive = BinaryColumns.PredictedLabel }, new(BinaryColumns.Probability, graph.Sigmoid(score), 1)];
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State([Block] FeatureColumn Features, [Block] LayeredArchitecture Architecture, NetworkWeights Weights) : IModelRecord
    {
        public string? FindFault() => Features.FindFault(Architecture)
            ?? (Architecture.OutputSize == 2 ? null : $"Block 'architecture' gives {Architecture.OutputSize} numbers, but two classes have 2.");
    }
}
