using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;

namespace MLNet.Papers.Application;

/// <summary>Which features matter, found by ML.NET's permutation feature importance.</summary>
static class Explanations
{
    public static string Run(MLContext ml)
    {
        IDataView rows = LabelKinds.Data(ml);
        using var student = ml.MulticlassClassification.Trainers.BornAgainNetwork("Name", "Features", new()
        {
            HiddenUnits = [8],
            Generations = 1,
            Epochs = 60,
            LearningRate = 2e-2,
        }).Fit(rows);
        var classes = ml.MulticlassClassification.PermutationFeatureImportance(student, rows, "Name");

        using var regression = ml.Regression.Trainers.CoordinateRegression("Number", "Features", new()
        {
            ImageShape = new(1, 1, 3),
            Epochs = 60,
            BatchSize = 8,
            LearningRate = 2e-2,
        }).Fit(rows);
        var numbers = ml.Regression.PermutationFeatureImportance(regression, rows, "Number");
        bool isFound = classes.Min(feature => feature.MicroAccuracy.Mean) < -0.05 && numbers.Min(feature => feature.RSquared.Mean) < -0.05;
        return $"{(isFound ? "found" : "nothing found")} among {classes.Length} and {numbers.Length} features";
    }
}
