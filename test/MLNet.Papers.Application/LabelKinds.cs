using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;

namespace MLNet.Papers.Application;

/// <summary>Labels that are texts, numbers and Booleans: evaluated and cross-validated by ML.NET.</summary>
static class LabelKinds
{
    sealed class Row
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public string Name { get; set; } = "";

        public float Number { get; set; }

        public int Integer { get; set; }

        public bool IsFirst { get; set; }
    }

    public static string Run(MLContext ml)
    {
        IDataView data = Data(ml), others = ml.Data.LoadFromEnumerable(Rows(5).Reverse().ToArray());
        (string Label, IEstimator<ITransformer> Estimator)[] trials =
        [
            ("Name", ml.MulticlassClassification.Trainers.CoordConvNet("Name", "Features", new()
            {
                ImageShape = new(1, 1, 3),
                HiddenChannels = [8],
                Epochs = 20,
                LearningRate = 2e-2,
            })),
            ("Number", ml.MulticlassClassification.Trainers.BornAgainNetwork("Number", "Features", new()
            {
                HiddenUnits = [8],
                Generations = 1,
                Epochs = 60,
                LearningRate = 2e-2,
            })),
            ("Integer", ml.MulticlassClassification.Trainers.PrototypicalNetwork("Integer", "Features", new() { Episodes = 30, Ways = 3 })),
            ("IsFirst", ml.MulticlassClassification.Trainers.PrototypicalNetwork("IsFirst", "Features", new() { Episodes = 30, Ways = 2 })),
        ];
        List<string> found = [];
        foreach ((string label, IEstimator<ITransformer> estimator) in trials)
        {
            MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(estimator.Fit(data).Transform(others), label);
            double folds = ml.MulticlassClassification.CrossValidate(data, estimator, 2, label).Average(fold => fold.Metrics.MicroAccuracy);
            if (metrics.MicroAccuracy < 0.9 || folds < 0.9)
                found.Add($"{label} {metrics.MicroAccuracy:F2} {folds:F2}");
            if (label == "Name" && !metrics.ConfusionMatrix.GetFormattedConfusionTable().Contains("zebra", StringComparison.Ordinal))
                found.Add("the confusion table has no names");
        }

        return found.Count == 0 ? "4 of 4 evaluated" : string.Join("; ", found);
    }

    /// <summary>60 rows of three classes, with labels of four kinds.</summary>
    public static IDataView Data(MLContext ml) => ml.Data.LoadFromEnumerable(Rows(20).ToArray());

    static IEnumerable<Row> Rows(int each)
    {
        var random = new Random(each);
        string[] names = ["zebra", "ant", "mole"];
        return Enumerable.Range(0, 3 * each).Select(i => new Row
        {
            Features = [.. Enumerable.Range(0, 3).Select(j => (i % 3 == j ? 1f : 0) + (0.1f * random.NextSingle()))],
            Name = names[i % 3],
            Number = (10 * (i % 3)) - 5.5f,
            Integer = 7 - (i % 3),
            IsFirst = i % 3 == 0,
        });
    }
}
