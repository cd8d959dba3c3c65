using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Interop;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Series;

[assembly: LoadableModel<SeriesRegressionTransformer>("SeriesRegression")]

namespace MLNet.Papers;

/// <summary>Predicts numbers from series of any length by what a network says of their last step.</summary>
/// <remarks>
/// <para><b>Output.</b> Score: a Single, or a vector of Single where the label was a vector, in the unit and order of the label that was learned. A row with a
/// value that is not finite gets NaN.</para>
/// </remarks>
public sealed class SeriesRegressionTransformer : SeriesTransformer, ISavedTransformer<SeriesRegressionTransformer>,
IPredictionModel<SeriesRegressionTransformer>
{
    private readonly State _state;

    internal SeriesRegressionTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Model) => _state = state;

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [RegressionColumns.Create(input, _state.IsNumber ? null : _state.Model.Architecture.Outputs)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        if (_state.IsNumber)
        {
            ScalarOutputBuffer<float> number = OutputBuffer.Scalar<float>(capacity);
            return CreateSession(input, capacity, [number], (output, slot) => number[slot] = output[0]);
        }

        VectorOutputBuffer<float> score = OutputBuffer.Vector<float>(capacity, _state.Model.Architecture.Outputs);
        return CreateSession(input, capacity, [score], (output, slot) => output.CopyTo(score[slot]));
    }

    private protected override OnnxColumn ToOnnx(OnnxGraph graph, OnnxValue outputs) =>
        new(RegressionColumns.Score, outputs, _state.Model.Architecture.Outputs);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="Model">The network, which gives the numbers in their unit.</param>
    /// <param name="IsNumber">Whether the label was a Single, and the score is one.</param>
    internal sealed record State(SeriesModel Model, [Block("number")] bool IsNumber) : IModelRecord
    {
        public string? FindFault() => IsNumber && Model.Architecture.Outputs != 1
            ? $"Block 'number' says that there is one number, but the network gives {Model.Architecture.Outputs}."
            : null;
    }
}
