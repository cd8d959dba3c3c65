using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Scoring;

/// <summary>What ML.NET's evaluators know the columns of a scorer by.</summary>
internal static class ScoreAnnotations
{
    /// <summary>The annotations as an estimator promises them.</summary>
    public static IReadOnlyList<SchemaShape.Column> Promise { get; } =
    [
        SchemaShapes.Column("ScoreColumnSetId", VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true),
        SchemaShapes.Column("ScoreColumnKind", VectorKind.Scalar, TextDataViewType.Instance),
        SchemaShapes.Column("ScoreValueKind", VectorKind.Scalar, TextDataViewType.Instance),
    ];

    /// <summary>Adds the annotations of one column.</summary>
    /// <param name="builder">Where to.</param>
    /// <param name="set">The number of the scorer's columns, from <see cref="NextSet"/>.</param>
    /// <param name="kind">The task: BinaryClassification and so on.</param>
    /// <param name="valueKind">What the column holds: PredictedLabel, Score or Probability.</param>
    public static void Add(DataViewSchema.Annotations.Builder builder, uint set, string kind, string valueKind)
    {
        builder.Add("ScoreColumnSetId", new KeyDataViewType(typeof(uint), int.MaxValue), (ref uint value) => value = set);
        builder.Add("ScoreColumnKind", TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = kind.AsMemory());
        builder.Add("ScoreValueKind", TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
    }

    /// <summary>The next free number: each scorer of a pipeline numbers its columns, so that evaluators can tell which belong together.</summary>
    public static uint NextSet(DataViewSchema input)
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
