using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;

namespace MLNet.Papers.Application;

/// <summary>A number that is read off pictures: evaluated and cross-validated by ML.NET.</summary>
static class Numbers
{
    public static string Run(MLContext ml)
    {
        IDataView files = PictureFolder.Write(ml);
        var pipeline = ml.Transforms.LoadImages("Image", "pictures", "Path")
            .Append(ml.Regression.Trainers.CoordinateRegression("Offset", "Image", new()
            {
                ImageShape = new(1, 16, 16),
                Coordinates = false,
                Epochs = 60,
                BatchSize = 8,
            }));
        RegressionMetrics metrics = ml.Regression.Evaluate(pipeline.Fit(files).Transform(files), "Offset");
        bool validates = ml.Regression.CrossValidate(files, pipeline, 2, "Offset").All(fold => double.IsFinite(fold.Metrics.RSquared));
        return metrics.RSquared > 0.7 && validates ? "learned" : $"R squared {metrics.RSquared:F2}, {validates}";
    }
}
