using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>The columns of every classifier of two classes, annotated as ML.NET's own are: <c>PredictedLabel</c>, <c>Score</c> and
/// <c>Probability</c>.</summary>
internal static class BinaryColumns
{
    public const string PredictedLabel = "PredictedLabel";
    public const string Score = "Score";
    public const string Probability = "Probability";

    private const string Kind = "BinaryClassification";
    private const string Normalized = "IsNormalized";

    /// <summary>The columns that a classifier adds to an input.</summary>
    /// <param name="input">The input; null where an estimator promises the columns.</param>
    public static IReadOnlyList<OutputColumn> Create(DataViewSchema? input)
    {
        uint set = ScoreAnnotations.NextSet(input);
        var probability = new DataViewSchema.Annotations.Builder();
        ScoreAnnotations.Add(probability, set, Kind, Probability);
        probability.Add(Normalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        return
        [
            new(PredictedLabel, BooleanDataViewType.Instance, Annotations(PredictedLabel)),
            new(Score, NumberDataViewType.Single, Annotations(Score)),
            new(Probability, NumberDataViewType.Single, probability.ToAnnotations()),
        ];

        DataViewSchema.Annotations Annotations(string valueKind)
        {
            var builder = new DataViewSchema.Annotations.Builder();
            ScoreAnnotations.Add(builder, set, Kind, valueKind);
            return builder.ToAnnotations();
        }
    }
}
