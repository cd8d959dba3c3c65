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

[assembly: LoadableModel<CoordinateRegressionTransformer>("CoordinateRegression")]

namespace MLNet.Papers;

/// <summary>Reads numbers off an image, such as where in it something is.</summary>
/// <remarks>
/// <para><b>Source.</b> Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247,
/// section 5.</para>
/// <para><b>Input.</b> Images: a vector of Single in CHW order, or images of any size.</para>
/// <para><b>Output.</b> Score: a Single, or a vector of Single where the label was a vector, in the unit and order of the label that was learned. A row with a
/// value that is not finite, or without an image, gets NaN.</para>
/// </remarks>
public sealed class CoordinateRegressionTransformer : NetworkTransformer, ISavedTransformer<CoordinateRegressionTransformer>,
IPredictionModel<CoordinateRegressionTransformer>
{
    private readonly State _state;

    internal CoordinateRegressionTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Architecture, device => EmbeddingScorer.Create(state.Architecture, state.Weights, device)) => _state = state;

    /// <summary>The name of the column of images.</summary>
    public string ImageColumnName => _state.ImageColumnName;

    private protected override IEnumerable<InputColumn> Inputs => [Images];

    private protected override IModelRecord SavedState => _state;

    private ImageColumn Images => new(_state.ImageColumnName, _state.Architecture.Input);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [RegressionColumns.Create(input, _state.IsNumber ? null : _state.Scale.Size)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        if (_state.IsNumber)
        {
            ScalarOutputBuffer<float> number = OutputBuffer.Scalar<float>(capacity);
            return CreateSession(Images.CreateReader(input), capacity, [number], (output, slot) => _state.Scale.Restore(output, new(ref number[slot])));
        }

        VectorOutputBuffer<float> score = OutputBuffer.Vector<float>(capacity, _state.Scale.Size);
        return CreateSession(Images.CreateReader(input), capacity, [score], (output, slot) => _state.Scale.Restore(output, score[slot]));
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [new(RegressionColumns.Score, _state.Scale.RestoreInOnnx(graph, _state.Architecture.ToOnnx(graph, rows, _state.Weights)), _state.Scale.Size)];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="ImageColumnName">The column of images.</param>
    /// <param name="Architecture">The network.</param>
    /// <param name="Weights">Its weights.</param>
    /// <param name="Scale">The scale of the numbers that it gives.</param>
    /// <param name="IsLabelANumber">Whether the label was a Single, and the score is one; null in files of older versions, whose score is a vector.</param>
    internal sealed record State(
        string ImageColumnName,
        [Block] LayeredArchitecture Architecture,
        NetworkWeights Weights,
        StandardScale Scale,
        [Block("number")] bool? IsLabelANumber = null) : IModelRecord
    {
        public bool IsNumber => IsLabelANumber == true;

        public string? FindFault() => Scale.Size == Architecture.OutputSize
            ? IsNumber && Scale.Size != 1 ? $"Block 'number' says that there is one number, but the network gives {Scale.Size}." : null
            : $"Block 'means' has {Scale.Size} numbers, but the network gives {Architecture.OutputSize}.";
    }
}
