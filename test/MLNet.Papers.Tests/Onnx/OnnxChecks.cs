using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using MLNet.Papers.Onnx;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Onnx;

/// <summary>What the contract says about networks that can be written as ONNX models.</summary>
internal static class OnnxChecks
{
    private const double Relative = 1e-4;

    // Of the greatest number of a row: what is left where numbers of that size cancel out.
    private const double Rounding = 2e-6;

    [Point(21)]
    public static void An_ONNX_model_gives_the_values_of_the_transformer(Workout workout)
    {
        if (workout.Model is not IOnnxModel exportable)
            return;
        using OnnxModel model = Expect.Works("Writing and reading an ONNX model", () => new OnnxModel(exportable));
        MemoryView data = workout.OwnRows;
        AssertSame(workout.Model, model, data, "the rows of the case");
        MemoryView random = RandomRows(data, model);
        AssertSame(workout.Model, model, random, "random rows");
        AssertNotFinite(OnnxTensors.Of(workout.Model, model, random), model);
    }

    /// <summary>Compares a transformer with its graph: all rows at once, the first ones alone, and one at a time in a pipeline of ML.NET.</summary>
    public static void AssertSame(ITransformer transformer, OnnxModel model, MemoryView data, string what)
    {
        IReadOnlyList<OnnxTensors> rows = OnnxTensors.Of(transformer, model, data);
        bool hasLengths = rows.Count > 1;
        var scored = Table.Read(transformer.Transform(data));
        Dictionary<string, object[]> expected = model.Outputs.ToDictionary(
            output => output,
            output => scored.Columns[scored.Schema[output.Replace(".output", "", StringComparison.Ordinal)].Index]);
        Dictionary<string, OnnxTensors> all = Expect.Works($"Scoring {what} at once by the ONNX model", () => model.Score(rows));
        AssertRows($"The ONNX model on {what} at once", expected, all, hasLengths);
        for (int row = 0; row < Math.Min(3, data.Count); row++)
        {
            Dictionary<string, OnnxTensors> single =
                Expect.Works($"Scoring one of {what} by the ONNX model", () => model.Score(rows.Select(input => input.Take(row, 1))));
            AssertRows($"The ONNX model on one of {what}", expected, single, hasLengths, first: row);
        }

        var ml = new MLContext(seed: 1);
        IDataView inPipeline = Expect.Works($"ApplyOnnxModel on {what}", () => Apply(ml, model, rows));
        AssertRows($"ApplyOnnxModel on {what}", expected, model.Outputs.ToDictionary(output => output, output => Tensors(inPipeline, output)), hasLengths);
    }

    // Of the graph alone: that the transformer gives NaN too is another check.
    private static void AssertNotFinite(IReadOnlyList<OnnxTensors> rows, OnnxModel model)
    {
        if (rows is not [{ Values: float[] numbers } input])
            return;
        Dictionary<string, OnnxTensors> finite = model.Score(rows);
        foreach (double number in Numbers.NotFinite)
        {
            float[] spoiled = [.. numbers];
            spoiled[input.RowSize + 1] = (float)number;
            foreach ((string output, OnnxTensors tensors) in Expect.Works("Scoring a number that is not finite", () =>
                model.Score([input with { Values = spoiled }])))
            {
                float[] expected = [.. (float[])finite[output].Values];
                Array.Fill(expected, float.NaN, tensors.RowSize, tensors.RowSize);
                string found = string.Create(CultureInfo.InvariantCulture, $"With {number} in row 1 of the input, the ONNX model");
                bool isRight = Tolerance.Rounding.AreEqual(expected, tensors.Values);
                Assert.IsTrue(isRight, $"{found} must give NaN for '{output}' of that row and leave the others alone.");
            }
        }
    }

    // What has an axis of time is told how long it is: ML.NET takes a free axis for one of length 1.
    private static MemoryView Apply(MLContext ml, OnnxModel model, IReadOnlyList<OnnxTensors> rows)
    {
        var view = new MemoryView(rows.Select(input => input.ToColumn()));
        string[] outputs = [.. model.Outputs], inputs = [.. rows.Select(input => input.Name)];
        bool isFixed = inputs.All(input => model.Dimensions(input).Count(length => length < 0) <= 1);
        OnnxScoringEstimator scorer = isFixed
            ? ml.Transforms.ApplyOnnxModel(outputs, inputs, model.Path)
            : ml.Transforms.ApplyOnnxModel(outputs, inputs, model.Path, Shapes(rows), recursionLimit: 100);
        using OnnxTransformer fitted = scorer.Fit(view);
        return MemoryView.Of(fitted.Transform(view));
    }

    private static Dictionary<string, int[]> Shapes(IEnumerable<OnnxTensors> rows) =>
        rows.ToDictionary(input => input.Name, input => (int[])[1, .. input.Shape[1..].Select(length => (int)length)]);

    private static MemoryView RandomRows(MemoryView data, OnnxModel model)
    {
        string column = model.Inputs[0];
        const int Rows = 9;
        var random = new Random(5);
        switch (data.Schema[column].Type)
        {
            case VectorDataViewType { ItemType: NumberDataViewType } vector:
                int size = vector.IsKnownSize ? vector.Size : ((float[])Column(data, column).First(row => ((float[])row).Length > 0)).Length;
                float[][] numbers = [.. Enumerable.Range(0, Rows).Select(_ => Draw(random, size))];
                return new([vector.IsKnownSize
                    ? MemoryColumn.Vectors(column, numbers)
                    : MemoryColumn.Vectors(column, NumberDataViewType.Single, [.. numbers.Select(row => new VBuffer<float>(row.Length, row))])]);
            case VectorDataViewType { ItemType: TextDataViewType }:
                ReadOnlyMemory<char>[][] tokens = [.. Enumerable.Range(0, Rows).Select(row => Words(random, row).Select(word => word.AsMemory()).ToArray())];
                return new([MemoryColumn.Vectors(column, TextDataViewType.Instance,
                    [.. tokens.Select(row => new VBuffer<ReadOnlyMemory<char>>(row.Length, row))])]);
            case TextDataViewType:
                return new([MemoryColumn.Texts(column, Enumerable.Range(0, Rows).Select(row => string.Join(' ', Words(random, row))))]);
            default:
                // What reads pictures reads vectors too.
                int pixels = model.Dimensions(column)[1..].Aggregate((product, length) => product * length);
                return new([MemoryColumn.Vectors(column, [.. Enumerable.Range(0, Rows).Select(_ => Draw(random, pixels))])]);
        }
    }

    private static float[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 4) - 2)];

    // So many words as the number of the row says, from none on.
    private static string[] Words(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 16)).Select(_ => (char)random.Next('a', 'z' + 1))]))];

    private static object[] Column(IDataView view, string name)
    {
        DataViewSchema.Column column = view.Schema[name];
        return Table.Read(view, [column]).Columns[column.Index];
    }

    private static OnnxTensors Tensors(IDataView view, string name)
    {
        float[][] rows = [.. Column(view, name).Select(row => (float[])row)];
        return new(name, rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
    }

    private static void AssertRows(string what, Dictionary<string, object[]> expected, Dictionary<string, OnnxTensors> actual, bool hasLengths, int first = 0)
    {
        foreach ((string output, OnnxTensors tensors) in actual)
        {
            for (int row = 0; row < tensors.Rows; row++)
            {
                float[] own = expected[output][first + row] is float number ? [number] : (float[])expected[output][first + row];
                float[] given = (float[])tensors.Take(row, 1).Values;
                Assert.IsGreaterThanOrEqualTo(own.Length, given.Length, $"{what} must give at least {own.Length} numbers for '{output}' of row {first + row}.");
                bool isPadded = given.AsSpan(own.Length).IndexOfAnyExcept(0) < 0;
                Assert.IsTrue(!hasLengths || isPadded, $"{what} must give zeros behind the tokens of row {first + row}.");
                double scale = own.Length == 0 ? 0 : own.Max(value => Math.Abs(value));
                for (int i = 0; i < own.Length; i++)
                {
                    Assert.IsTrue(AreClose(own[i], given[i], scale), string.Create(
                        CultureInfo.InvariantCulture, $"{what} must give {own[i]:R} for '{output}', number {i} of row {first + row}, but gives {given[i]:R}."));
                }
            }
        }
    }

    private static bool AreClose(double own, double given, double scale) =>
        own.Equals(given) || Math.Abs(own - given) <= (Relative * Math.Max(Math.Abs(own), Math.Abs(given))) + (Rounding * scale);
}
