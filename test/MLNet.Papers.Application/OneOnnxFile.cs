using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers;

namespace MLNet.Papers.Application;

/// <summary>A pipeline as one ONNX file, which a runtime scores like the pipeline; what cannot be written is refused.</summary>
static class OneOnnxFile
{
    public static string Run(MLContext ml)
    {
        // The file asks for every column of the rows that it was made with.
        IDataView all = LabelKinds.Data(ml), rows = ml.Transforms.SelectColumns("Features", "Name").Fit(all).Transform(all);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Name")
            .Append(ml.Transforms.NormalizeMinMax("Features"))
            .Append(ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Features", new() { Episodes = 30, Ways = 3 }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        ITransformer chain = pipeline.Fit(rows);
        using (FileStream file = File.Create("chain.onnx"))
            ml.Model.ConvertToOnnx(chain, rows, file);
        using var scorer = ml.Transforms.ApplyOnnxModel(["Score.output", "PredictedLabel.output"], ["Features", "Name"], "chain.onnx").Fit(rows);
        IDataView scored = scorer.Transform(rows), expected = chain.Transform(rows);
        float difference = Scores(scored, "Score").Zip(Scores(expected, "Score")).Max(pair => Math.Abs(pair.First - pair.Second));
        int names = Names(scored, "PredictedLabel").Zip(Names(expected, "PredictedLabel")).Count(pair => pair.First == pair.Second);

        string refusal = "not refused";
        using var words = ml.Transforms.Text.FeaturizeTextWithFastText("Vector", "Name", new() { MinCount = 1, Dimension = 4, Buckets = 100, Epochs = 1 })
            .Fit(rows);
        try
        {
            using var stream = new MemoryStream();
            ml.Model.ConvertToOnnx(words, rows, stream);
        }
        catch (InvalidOperationException exception)
        {
            refusal = exception.Message[..exception.Message.IndexOf(',', StringComparison.Ordinal)];
        }

        return $"{(difference < 1e-4 ? "the same scores" : $"scores differ by {difference}")}, {names} of 60 names; {refusal}";
    }

    static float[] Scores(IDataView view, string column) => [.. view.GetColumn<float[]>(column).SelectMany(score => score)];

    // ONNX Runtime gives texts as vectors of one.
    static string[] Names(IDataView view, string column) => view.Schema[column].Type is VectorDataViewType
        ? [.. view.GetColumn<string[]>(column).Select(name => name[0])]
        : [.. view.GetColumn<string>(column)];
}
