using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Scoring;

/// <summary>The columns of every multiclass classifier, annotated as ML.NET's own are: <c>PredictedLabel</c> and <c>Score</c>.</summary>
internal static class MulticlassColumns
{
    public const string PredictedLabel = "PredictedLabel";
    public const string Score = "Score";

    private const string Kind = "MulticlassClassification";

    /// <summary>The columns that a fitted classifier adds to an input.</summary>
    public static IReadOnlyList<OutputColumn> Create(DataViewSchema input, ClassLabels labels)
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

    /// <summary>The same columns as an estimator promises them, from the shape of its label column.</summary>
    public static IReadOnlyList<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        return
        [
            SchemaShapes.Column(PredictedLabel, VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true,
                [SchemaShapes.Column("KeyValues", VectorKind.Vector, KeyValueType(label)), .. ScoreAnnotations.Promise]),
            SchemaShapes.Column(Score, VectorKind.Vector, NumberDataViewType.Single, annotations:
                [SchemaShapes.Column("SlotNames", VectorKind.Vector, TextDataViewType.Instance), .. ScoreAnnotations.Promise]),
        ];
    }

    /// <summary>The type of the predicted label's key values, from the shape of a label column.</summary>
    public static DataViewType KeyValueType(SchemaShape.Column label) => label.IsKey
        ? SchemaShapes.Find(label.Annotations, "KeyValues") is { } values && ClassLabels.Supports(values.ItemType) ? values.ItemType : TextDataViewType.Instance
        : label.ItemType;
}
