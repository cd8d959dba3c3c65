using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Series;

[assembly: LoadableModel<SeriesClassifierTransformer>("SeriesClassifier")]

namespace MLNet.Papers;

/// <summary>Classifies series of any length by what a network says of their last step.</summary>
/// <remarks>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | series) in key order. A row with a value
/// that is not finite gets NaN and a missing PredictedLabel.</para>
/// </remarks>
public sealed class SeriesClassifierTransformer : SeriesTransformer, ISavedTransformer<SeriesClassifierTransformer>,
IPredictionModel<SeriesClassifierTransformer>
{
    private readonly State _state;

    internal SeriesClassifierTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Model) => _state = state;

    private protected override IModelRecord SavedState => _state;

    internal override NamedClasses NamedClasses => new(_state.LabelColumnName, _state.Labels);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        ScalarOutputBuffer<uint> predictedLabel = OutputBuffer.Scalar<uint>(capacity);
        VectorOutputBuffer<float> score = OutputBuffer.Vector<float>(capacity, _state.Labels.Count);
        return CreateSession(input, capacity, [predictedLabel, score], (logits, slot) =>
        {
            if (!float.IsNaN(logits[0]))
                ClassProbabilities.Softmax(logits);
            predictedLabel[slot] = float.IsNaN(logits[0]) ? 0 : (uint)TensorPrimitives.IndexOfMax<float>(logits) + 1;
            logits.CopyTo(score[slot]);
        });
    }

    private protected override OnnxColumn ToOnnx(OnnxGraph graph, OnnxValue outputs) =>
        MulticlassColumns.InOnnx(graph.Softmax(outputs), _state.Labels.Count);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(SeriesModel Model, ClassLabels Labels, [Block("label")] string? LabelColumnName = null) : IModelRecord
    {
        public string? FindFault() => Labels.FindFault(Model.Architecture);
    }
}
