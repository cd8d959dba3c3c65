using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<CoordConvFeaturizerTransformer>("CoordConvFeaturizer")]

namespace MLNet.Papers;

/// <summary>Turns images into features that also say where in the image things are.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 3.</para>
/// <para><b>Input.</b> A vector of Single in CHW order, or images of any size, which are resized.</para>
/// <para><b>Output.</b> A vector of Single, the last hidden layer of the network; at least 0. A row with a value that is not finite, or without an image, gets
/// NaN.</para>
/// </remarks>
public sealed class CoordConvFeaturizerTransformer : NetworkTransformer, ISavedTransformer<CoordConvFeaturizerTransformer>
{
    private readonly State _state;

    internal CoordConvFeaturizerTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Architecture, device => EmbeddingScorer.Create(state.Architecture, state.Weights, device)) => _state = state;

    /// <summary>The name of the column of images.</summary>
    public string InputColumnName => _state.InputColumnName;

    /// <summary>The name of the column of features.</summary>
    public string OutputColumnName => _state.OutputColumnName;

    /// <summary>The length of a feature vector.</summary>
    public int FeatureCount => _state.Architecture.Features;

    private protected override IEnumerable<InputColumn> Inputs => [Images];

    private protected override IModelRecord SavedState => _state;

    internal FeaturizerArchitecture Architecture => _state.Architecture;

    private ImageColumn Images => new(_state.InputColumnName, _state.Architecture.Convolution.ImageShape!.Value);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [OutputColumn.Embedding(_state.OutputColumnName, FeatureCount)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        VectorOutputBuffer<float> features = OutputBuffer.Vector<float>(capacity, FeatureCount);
        return CreateSession(Images.CreateReader(input), capacity, [features], (output, slot) => output.CopyTo(features[slot]));
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [new(OutputColumnName, _state.Architecture.ToOnnx(graph, rows, _state.Weights), FeatureCount)];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string OutputColumnName, string InputColumnName, FeaturizerArchitecture Architecture, NetworkWeights Weights) : IModelRecord;
}
