using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Labels;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.Scoring;

/// <summary>The columns of every multiclass classifier, annotated as ML.NET's own are: <c>PredictedLabel</c> and <c>Score</c>.</summary>
internal static class MulticlassColumns
{
    public const string PredictedLabel = "PredictedLabel";
    public const string Score = "Score";

    private const string Kind = "MulticlassClassification";

    /// <summary>The columns that a classifier adds to an input.</summary>
    /// <param name="input">The input; null where an estimator promises the columns.</param>
    /// <param name="labels">The classes.</param>
    public static IReadOnlyList<OutputColumn> Create(DataViewSchema? input, ClassLabels labels)
    {
        uint set = ScoreAnnotations.NextSet(input);
        var predictedLabel = new DataViewSchema.Annotations.Builder();
        labels.AddKeyValues(predictedLabel);
        ScoreAnnotations.Add(predictedLabel, set, Kind, PredictedLabel);
        var score = new DataViewSchema.Annotations.Builder();
        labels.AddSlotNames(score);
        ScoreAnnotations.Add(score, set, Kind, Score);
        return
        [
            new(PredictedLabel, new KeyDataViewType(typeof(uint), labels.Count), predictedLabel.ToAnnotations()),
            new(Score, new VectorDataViewType(NumberDataViewType.Single, labels.Count), score.ToAnnotations()),
        ];
    }

    /// <summary>The same in a graph.</summary>
    /// <param name="score">(B, classes).</param>
    /// <param name="classes">How many classes there are.</param>
    public static OnnxColumn InOnnx(OnnxValue score, int classes) => new(Score, score, classes) { Greatest = PredictedLabel };
}
