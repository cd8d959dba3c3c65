using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Distillation;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<BornAgainNetworkTransformer>("BornAgainNetwork")]

namespace MLNet.Papers;

/// <summary>Classifies with generations of a network, each of which learned from the one before: with one of them, or with the average of their
/// probabilities.</summary>
/// <remarks>
/// <para><b>Source.</b> Furlanello, Lipton, Tschannen, Itti and Anandkumar, "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770.</para>
/// <para><b>Input.</b> Features: a vector of Single, or images if the network reads images.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order; for several output
/// generations
/// the mean of their probabilities, which is not the softmax of their mean logits. A row with a value that is not finite, or without an image, gets NaN and a
/// missing PredictedLabel.</para>
/// <para><b>Cost.</b> Scoring costs that of one network for each of <see cref="OutputGenerations"/>.</para>
/// </remarks>
public sealed class BornAgainNetworkTransformer : NetworkTransformer, ISavedTransformer<BornAgainNetworkTransformer>,
IPredictionModel<BornAgainNetworkTransformer>
{
    private readonly State _state;

    internal BornAgainNetworkTransformer(IHostEnvironment environment, State state, DistillationReport? report = null)
        : base(environment, state.Architecture, device => new ProbabilityScorer(
            state.Architecture, [.. state.Generations.OutputWeights().Select(weights => EmbeddingScorer.Create(state.Architecture, weights, device))]))
    {
        (_state, Report) = (state, report);
        Generations = [.. state.Generations.Weights.Select(weights =>
            new DistillationTransformer(environment, new(state.Features, state.Architecture, weights, state.Labels, state.LabelColumnName)))];
    }

    /// <summary>The name of the column of features.</summary>
    public string FeatureColumnName => _state.Features.Name;

    /// <summary>
    /// The generations that were kept, in order; generation 0, the first, learned from the labels. Each is a model of its own that can be saved. They are
    /// disposed with
    /// this transformer.
    /// </summary>
    public IReadOnlyList<DistillationTransformer> Generations { get; }

    /// <summary>The number of each of <see cref="Generations"/>: 0, 1, 2 and so on unless only those of <see cref="OutputGenerations"/> were kept. If the best
    /// was chosen and trained again on all rows, it is the last.</summary>
    public IReadOnlyList<int> GenerationNumbers => _state.Generations.Numbers;

    /// <summary>The numbers of the generations that this transformer scores with.</summary>
    public IReadOnlyList<int> OutputGenerations => _state.Generations.Outputs;

    /// <summary>What the fit found about each generation; null for a model that was loaded.</summary>
    public DistillationReport? Report { get; }

    private protected override IEnumerable<InputColumn> Inputs => [_state.Features.Of(_state.Architecture)];

    private protected override IModelRecord SavedState => _state;

    internal override NamedClasses NamedClasses => new(_state.LabelColumnName, _state.Labels);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) =>
        CreateClassSession(_state.Features.CreateReader(input), capacity);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (DistillationTransformer generation in Generations)
                generation.Dispose();
        }

        base.Dispose(disposing);
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [ClassScore(graph, [.. _state.Generations.OutputWeights().Select(weights => _state.Architecture.ToOnnx(graph, rows, weights))])];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="Features">What the networks read.</param>
    /// <param name="Architecture">The networks, all alike.</param>
    /// <param name="Generations">The generations that are kept.</param>
    /// <param name="Labels">The classes.</param>
    /// <param name="LabelColumnName">The column that named them; null in files of older versions.</param>
    internal sealed record State(
        [Block] FeatureColumn Features,
        [Block] LayeredArchitecture Architecture,
        Generations Generations,
        ClassLabels Labels,
        [Block("label")] string? LabelColumnName = null) : IModelRecord
    {
        public string? FindFault() => Features.FindFault(Architecture) ?? Labels.FindFault(Architecture);
    }
}
