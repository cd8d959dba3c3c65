using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Labels;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.Scoring;

/// <summary>The columns of every tagger, which labels the tokens of a text: <c>PredictedLabel</c> and <c>Score</c>, with entries for each token.</summary>
internal static class TokenLabelColumns
{
    /// <summary>The columns that a tagger adds.</summary>
    /// <param name="labels">The labels that a token may get.</param>
    public static IReadOnlyList<OutputColumn> Create(ClassLabels labels)
    {
        var keyValues = new DataViewSchema.Annotations.Builder();
        labels.AddKeyValues(keyValues);
        return
        [
            new(MulticlassColumns.PredictedLabel, new VectorDataViewType(new KeyDataViewType(typeof(uint), labels.Count)), keyValues.ToAnnotations()),
            new(MulticlassColumns.Score, new VectorDataViewType(NumberDataViewType.Single, 0, labels.Count)),
        ];
    }

    /// <summary>Adds them to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="score">(B, T, labels).</param>
    /// <param name="labels">How many labels there are.</param>
    public static void AddTo(OnnxGraph graph, OnnxValue score, int labels)
    {
        graph.Output(MulticlassColumns.Score, score, OnnxGraph.Batch, OnnxGraph.Time, labels);
        OnnxValue keys = graph.Squeeze(graph.KeyOfGreatest(score, axis: 2), 2);
        graph.Output(MulticlassColumns.PredictedLabel, OnnxType.UInt32, keys, OnnxGraph.Batch, OnnxGraph.Time);
    }
}
