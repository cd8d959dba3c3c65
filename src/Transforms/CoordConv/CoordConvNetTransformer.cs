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

[assembly: LoadableModel<CoordConvNetTransformer>("CoordConvNet")]

namespace MLNet.Papers;

/// <summary>Classifies images with a convolutional network that may know where in the image it looks.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 3.</para>
/// <para><b>Input.</b> Features: a vector of Single in CHW order, or images of any size.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | image) in key order. A row with a value that
/// is not finite, or without an image, gets NaN and a missing PredictedLabel.</para>
/// </remarks>
public sealed class CoordConvNetTransformer : NetworkTransformer, ISavedTransformer<CoordConvNetTransformer>, IPredictionModel<CoordConvNetTransformer>
{
    private readonly State _state;

    internal CoordConvNetTransformer(IHostEnvironment environment, State state)
        : base(
            environment, state.Architecture,
            device => new ProbabilityScorer(state.Architecture, [EmbeddingScorer.Create(state.Architecture, state.Weights, device)])) => _state = state;

    /// <summary>The name of the column of images.</summary>
    public string FeatureColumnName => _state.FeatureColumnName;

    private protected override IEnumerable<InputColumn> Inputs => [Images];

    private protected override IModelRecord SavedState => _state;

    internal override NamedClasses NamedClasses => new(_state.LabelColumnName, _state.Labels);

    private ImageColumn Images => new(_state.FeatureColumnName, _state.Architecture.Input);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => CreateClassSession(Images.CreateReader(input), capacity);

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [ClassScore(graph, _state.Architecture.ToOnnx(graph, rows, _state.Weights))];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(
        string FeatureColumnName,
        [Block] LayeredArchitecture Architecture,
        NetworkWeights Weights,
        ClassLabels Labels,
        [Block("label")] string? LabelColumnName = null) : IModelRecord
    {
        public string? FindFault() => Labels.FindFault(Architecture);
    }
}
