using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Anomalies;

/// <summary>The columns of every detector of anomalies, annotated as ML.NET's own are: <c>PredictedLabel</c> and <c>Score</c>; and <c>Percentile</c>.</summary>
internal static class AnomalyColumns
{
    public const string PredictedLabel = "PredictedLabel";
    public const string Score = "Score";
    public const string Percentile = "Percentile";

    private const string Kind = "AnomalyDetection";

    /// <summary>The columns that a detector adds to an input.</summary>
    /// <param name="input">The input; null where an estimator promises the columns.</param>
    public static IReadOnlyList<OutputColumn> Create(DataViewSchema? input)
    {
        uint set = ScoreAnnotations.NextSet(input);
        return
        [
            new(PredictedLabel, BooleanDataViewType.Instance, Annotations(PredictedLabel)),
            new(Score, NumberDataViewType.Single, Annotations(Score)),
            new(Percentile, NumberDataViewType.Single),
        ];

        DataViewSchema.Annotations Annotations(string valueKind)
        {
            var builder = new DataViewSchema.Annotations.Builder();
            ScoreAnnotations.Add(builder, set, Kind, valueKind);
            return builder.ToAnnotations();
        }
    }
}
