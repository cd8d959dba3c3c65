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
        uint set = NextScoreColumnSet(input);
        var predictedLabel = new DataViewSchema.Annotations.Builder();
        labels.AddKeyValues(predictedLabel);
        AddScoreKind(predictedLabel, set, PredictedLabel);
        var score = new DataViewSchema.Annotations.Builder();
        labels.AddSlotNames(score);
        AddScoreKind(score, set, Score);
        return
        [
            new(PredictedLabel, new KeyDataViewType(typeof(uint), labels.Count), predictedLabel.ToAnnotations()),
            new(Score, new VectorDataViewType(NumberDataViewType.Single, labels.Count), score.ToAnnotations()),
        ];
    }

    /// <summary>The same columns as an estimator promises them, from the shape of its label column.</summary>
    public static IReadOnlyList<SchemaShape.Column> Promise(SchemaShape.Column label)
    {
        SchemaShape.Column[] scoreKind =
        [
            SchemaShapes.Column("ScoreColumnSetId", VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true),
            SchemaShapes.Column("ScoreColumnKind", VectorKind.Scalar, TextDataViewType.Instance),
            SchemaShapes.Column("ScoreValueKind", VectorKind.Scalar, TextDataViewType.Instance),
        ];
        return
        [
            SchemaShapes.Column(PredictedLabel, VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true,
                [SchemaShapes.Column("KeyValues", VectorKind.Vector, KeyValueType(label)), .. scoreKind]),
            SchemaShapes.Column(Score, VectorKind.Vector, NumberDataViewType.Single, annotations:
                [SchemaShapes.Column("SlotNames", VectorKind.Vector, TextDataViewType.Instance), .. scoreKind]),
        ];
    }

    /// <summary>The type of the predicted label's key values, from the shape of a label column.</summary>
    public static DataViewType KeyValueType(SchemaShape.Column label) => label.IsKey
        ? SchemaShapes.Find(label.Annotations, "KeyValues") is { } values && ClassLabels.Supports(values.ItemType) ? values.ItemType : TextDataViewType.Instance
        : label.ItemType;

    private static void AddScoreKind(DataViewSchema.Annotations.Builder builder, uint set, string valueKind)
    {
        builder.Add("ScoreColumnSetId", new KeyDataViewType(typeof(uint), int.MaxValue), (ref uint value) => value = set);
        builder.Add("ScoreColumnKind", TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = Kind.AsMemory());
        builder.Add("ScoreValueKind", TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
    }

    // Each scorer of a pipeline numbers its columns, so that evaluators can tell which belong together.
    private static uint NextScoreColumnSet(DataViewSchema input)
    {
        uint next = 1;
        foreach (DataViewSchema.Column column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull("ScoreColumnSetId")?.Type.RawType != typeof(uint))
                continue;
            uint set = 0;
            column.Annotations.GetValue("ScoreColumnSetId", ref set);
            next = Math.Max(next, set + 1);
        }

        return next;
    }
}
