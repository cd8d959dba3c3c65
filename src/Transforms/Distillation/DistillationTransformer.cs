using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<DistillationTransformer>("Distillation")]

namespace MLNet.Papers;

/// <summary>Classifies with a network that learned from a teacher, or from labels as generation 0 of <see cref="BornAgainNetworkTransformer"/>.</summary>
/// <remarks>
/// <para><b>Source.</b> Furlanello, Lipton, Tschannen, Itti and Anandkumar, "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770.</para>
/// <para><b>Input.</b> Features: a vector of Single, or images if the network reads images.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order: the softmax of the
/// logits at temperature 1.
/// A row with a value that is not finite, or without an image, gets NaN and a missing PredictedLabel.</para>
/// </remarks>
public sealed class DistillationTransformer : NetworkTransformer, ISavedTransformer<DistillationTransformer>, IPredictionModel<DistillationTransformer>
{
    private readonly State _state;

    internal DistillationTransformer(IHostEnvironment environment, State state, DistillationReport? report = null)
        : base(
            environment, state.Architecture,
            device => new ProbabilityScorer(state.Architecture, [EmbeddingScorer.Create(state.Architecture, state.Weights, device)])) =>
        (_state, Report) = (state, report);

    /// <summary>The name of the column of features.</summary>
    public string FeatureColumnName => _state.Features.Name;

    /// <summary>What the fit found about the teacher and the student; null for a model that was loaded, and for a generation, whose model has the
    /// report.</summary>
    public DistillationReport? Report { get; }

    private protected override IEnumerable<InputColumn> Inputs => [_state.Features.Of(_state.Architecture)];

    private protected override IModelRecord SavedState => _state;

    internal override NamedClasses NamedClasses => new(_state.LabelColumnName, _state.Labels);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) =>
        CreateClassSession(_state.Features.CreateReader(input), capacity);

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [ClassScore(graph, _state.Architecture.ToOnnx(graph, rows, _state.Weights))];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(
        [Block] FeatureColumn Features,
        [Block] LayeredArchitecture Architecture,
        NetworkWeights Weights,
        ClassLabels Labels,
        [Block("label")] string? LabelColumnName = null) : IModelRecord
    {
        public string? FindFault() => Features.FindFault(Architecture) ?? Labels.FindFault(Architecture);
    }
}
