using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>The column of every regression, annotated as ML.NET's own is: <c>Score</c>.</summary>
internal static class RegressionColumns
{
    public const string Score = "Score";

    /// <summary>The column that a regression adds to an input.</summary>
    /// <param name="input">The input; null where an estimator promises the column.</param>
    /// <param name="length">How many numbers it gives; null for one, which is then no vector.</param>
    public static OutputColumn Create(DataViewSchema? input, int? length)
    {
        if (length is { } numbers)
            return OutputColumn.Vector(Score, numbers);
        var annotations = new DataViewSchema.Annotations.Builder();
        ScoreAnnotations.Add(annotations, ScoreAnnotations.NextSet(input), "Regression", Score);
        return new OutputColumn(Score, NumberDataViewType.Single, annotations.ToAnnotations());
    }
}
