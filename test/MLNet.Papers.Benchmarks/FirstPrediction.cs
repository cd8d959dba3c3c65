using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Benchmarks;

/// <summary>How long it takes from the start of a process to the first row that a saved model has scored.</summary>
internal sealed class FirstPrediction : IOwnProcess
{
    private const int Turns = 5;

    /// <summary>Loads a model, scores the first row of a binary view and prints the milliseconds since this process began.</summary>
    /// <param name="arguments">The paths of the model and the view.</param>
    public Task RunAsync(string[] arguments)
    {
        var ml = new MLContext(seed: 1);
        IDataView scored = ml.Model.Load(arguments[0], out _).Transform(ml.Data.LoadFromBinary(arguments[1]));
        using (DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema))
        {
            Delegate[] getters =
            [
                .. scored.Schema.Where(column => column.Type is VectorDataViewType { ItemType: NumberDataViewType })
                    .Select(column => (Delegate)cursor.GetGetter<VBuffer<float>>(column)),
            ];
            cursor.MoveNext();
            VBuffer<float> values = default;
            foreach (ValueGetter<VBuffer<float>> getter in getters.Cast<ValueGetter<VBuffer<float>>>())
                getter(ref values);
        }

        Console.Error.WriteLine((DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }

    /// <summary>The median of some processes, in milliseconds.</summary>
    public static double Milliseconds(MLContext ml, string model, IDataView rows)
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        string first = Path.Combine(folder, "rows.idv");
        using (FileStream stream = File.Create(first))
            ml.Data.SaveAsBinary(ml.Data.TakeRows(rows, 1), stream);
        double[] times =
        [
            .. Enumerable.Range(0, Turns).Select(_ => double.Parse(OwnProcess.Run<FirstPrediction>(model, first).Errors, CultureInfo.InvariantCulture)).Order(),
        ];
        Directory.Delete(folder, recursive: true);
        return times[Turns / 2];
    }
}

/// <summary>The first prediction of saved models that need no network.</summary>
internal sealed class FirstPredictionWithoutNetwork : Comparison
{
    public override string Name => "first prediction: ML.NET alone, fastText, coordinate channels";

    public override string Goal => "libtorch is never loaded (a test)";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView rows = ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 50).Select(row => new Row { Text = $"the {row % 7} texts of row {row % 5}" }).ToArray());
        return Task.FromResult(new Measured(
            string.Join(", ",
                Text($"{Of(ml.Transforms.NormalizeMinMax("Values"))} ms ML.NET alone"),
                Text($"{Of(ml.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", new() { MinCount = 1, Buckets = 20_000 }))} ms fastText"),
                Text($"{Of(ml.Transforms.AddCoordinateChannels("Vector", "Values", 1, 2, 2))} ms coordinate channels")),
            "from the start of the process, medians"));

        string Of<TModel>(IEstimator<TModel> estimator)
            where TModel : class, ITransformer
        {
            string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
            string zip = Path.Combine(folder, "model.zip");
            ml.Model.Save(estimator.Fit(rows), rows.Schema, zip);
            string time = Text($"{FirstPrediction.Milliseconds(ml, zip, rows):F0}");
            Directory.Delete(folder, recursive: true);
            return time;
        }
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        [VectorType(4)]
        public float[] Values { get; set; } = [1, 2, 3, 4];
    }
}
