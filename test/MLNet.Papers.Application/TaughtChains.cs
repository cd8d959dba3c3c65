using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;

namespace MLNet.Papers.Application;

/// <summary>A pipeline that normalizes, maps labels and classifies, saved, loaded and taught classes that it never saw.</summary>
static class TaughtChains
{
    sealed class Row
    {
        [VectorType(4)]
        public float[] Raw { get; set; } = [];

        public string Label { get; set; } = "";
    }

    public static string Run(MLContext ml)
    {
        IDataView known = Rows(ml, "known", 6, 6), support = Rows(ml, "new", 1, 3), unseen = Rows(ml, "new", 10, 3);
        var pipeline = ml.Transforms.NormalizeMeanVariance("Features", "Raw")
            .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Features", new() { Episodes = 100, Ways = 4 }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"));
        ml.Model.Save(pipeline.Fit(known), known.Schema, "known.zip");

        var loaded = (TransformerChain<ITransformer>)ml.Model.Load("known.zip", out _);
        TransformerChain<ITransformer> taught = loaded.WithSupport(support);
        ml.Model.Save(taught, support.Schema, "taught.zip");
        var again = (TransformerChain<ITransformer>)new MLContext().Model.Load("taught.zip", out _);
        double accuracy = ml.MulticlassClassification.Evaluate(again.Transform(unseen)).MicroAccuracy;

        TransformerChain<ITransformer> wider = again.AddClass("late", Rows(ml, "late", 2, 1, place: 3)).RemoveClass("new0");
        string[] names = [.. wider.Transform(Rows(ml, "late", 1, 1, place: 3)).GetColumn<string>("Name")];
        return $"{accuracy:F2} right about new classes, {names.Single()}";
    }

    static IDataView Rows(MLContext ml, string prefix, int each, int classes, int place = 0)
    {
        float[][] centres = [[900, 10, 10, 50], [10, 900, 10, 50], [10, 10, 900, 50], [900, 900, 10, 50], [900, 10, 900, 50], [10, 900, 900, 50]];
        var random = new Random(each);
        return ml.Data.LoadFromEnumerable(Enumerable.Range(0, classes * each).Select(i => new Row
        {
            Raw = [.. centres[place + (i % classes)].Select(value => value + random.Next(40))],
            Label = classes == 1 ? prefix : $"{prefix}{i % classes}",
        }).ToArray());
    }
}
