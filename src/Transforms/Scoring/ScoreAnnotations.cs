using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>What ML.NET's evaluators know the columns of a scorer by.</summary>
internal static class ScoreAnnotations
{
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
    /// <param name="input">The input; null where an estimator promises the columns.</param>
    public static uint NextSet(DataViewSchema? input)
    {
        uint next = 1;
        foreach (DataViewSchema.Column column in input?.AsEnumerable() ?? [])
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
