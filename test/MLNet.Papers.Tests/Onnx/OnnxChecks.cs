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
        MemoryView random = RandomRows(data, model, workout.Model);
        AssertSame(workout.Model, model, random, "random rows");
        AssertNotFinite(OnnxTensors.Of(workout.Model, model, random), model);
    }

    [Point(21)]
    public static void A_chain_is_written_as_one_ONNX_model_or_refused(Workout workout)
    {
        var ml = new MLContext(seed: 1);
        if (workout.Model is not ExportableTransformer network || workout.Model is not (NetworkTransformer or AutoencoderTransformer or AnomalyTransformer))
        {
            using var stream = new MemoryStream();
            var chain = new TransformerChain<ITransformer>(workout.Model);
            foreach (ITransformer transformer in (ITransformer[])[workout.Model, chain])
            {
                Exception refusal = Expect.Throws(
                    "ConvertToOnnx of what cannot be written", () => Convert(ml, transformer, workout.OwnRows, stream), typeof(InvalidOperationException));
                Assert.StartsWith("ConvertToOnnx cannot write ", refusal.Message);
            }

            Assert.AreEqual(0, stream.Length, "A refused chain must leave nothing in the stream.");
            return;
        }

        using var alone = new OnnxModel(network);
        MemoryView rows = RandomRows(workout.OwnRows, alone, network);
        AssertChain(ml, workout.Model, rows);
        string column = network.InputColumnNames[0];
        ITransformer normalizer = ml.Transforms.NormalizeMinMax(column).Fit(rows);
        AssertChain(ml, new TransformerChain<ITransformer>(normalizer, workout.Model, ml.Transforms.CopyColumns("Copy", column).Fit(rows)), rows);
    }

    /// <summary>Compares a chain with the model that ML.NET's converter writes of it: all rows at once, and one at a time in a pipeline.</summary>
    public static void AssertChain(MLContext ml, ITransformer chain, IDataView data)
    {
        var rows = MemoryView.Of(data);
        using OnnxModel model = Expect.Works("Converting a chain", () => new OnnxModel(stream => ml.Model.ConvertToOnnx(chain, rows, stream)));
        var scored = Table.Read(chain.Transform(rows));
        Dictionary<string, object[]> expected = scored.Schema.Where(column => !column.IsHidden)
            .ToDictionary(column => $"{column.Name}.output", column => scored.Columns[column.Index]);
        string[] outputs = [.. expected.Keys];
        CollectionAssert.IsSubsetOf(outputs, model.Outputs.ToArray(), "Each column must be in the model.");
        Dictionary<string, OnnxTensors> all = Expect.Works(
            "Scoring rows at once by the ONNX model of a chain", () => model.Score(model.Inputs.Select(input => OnnxTensors.OfColumn(rows, input))));
        AssertSame("The ONNX model of a chain", output => all[output]);
        using OnnxTransformer fitted = ml.Transforms.ApplyOnnxModel(outputs, [.. model.Inputs], model.Path).Fit(rows);
        IDataView applied = Expect.Works("ApplyOnnxModel of a chain", () => MemoryView.Of(fitted.Transform(rows)));
        AssertSame("ApplyOnnxModel of a chain", output => OnnxTensors.OfColumn(applied, output.Replace(".output", "", StringComparison.Ordinal)));

        void AssertSame(string what, Func<string, OnnxTensors> actual)
        {
            foreach ((string output, object[] values) in expected)
            {
                if (values[0] is string)
                    CollectionAssert.AreEqual(values, actual(output).Values, $"{what} must give the texts of '{output}'.");
                else
                    AssertRows(what, expected, new() { [output] = actual(output) }, hasLengths: false);
            }
        }
    }

    private static object? Convert(MLContext ml, ITransformer chain, IDataView rows, Stream stream)
    {
        ml.Model.ConvertToOnnx(chain, rows, stream);
        return null;
    }

    /// <summary>Compares a transformer with its graph: all rows at once, the first ones alone, and one at a time in a pipeline of ML.NET.</summary>
    public static void AssertSame(ITransformer transformer, OnnxModel model, MemoryView data, string what, double relative = Relative)
    {
        IReadOnlyList<OnnxTensors> rows = OnnxTensors.Of(transformer, model, data);
        bool hasLengths = rows.Count > 1;
        var detector = transformer as AnomalyTransformer;
        var scored = Table.Read(transformer.Transform(data));
        Dictionary<string, object[]> expected = model.Outputs.ToDictionary(
            output => output,
            output => scored.Columns[scored.Schema[output.Replace(".output", "", StringComparison.Ordinal)].Index]);
        Dictionary<string, OnnxTensors> all = Expect.Works($"Scoring {what} at once by the ONNX model", () => model.Score(rows));
        AssertRows($"The ONNX model on {what} at once", expected, all, hasLengths, relative: relative, detector: detector);
        for (int row = 0; row < Math.Min(3, data.Count); row++)
        {
            Dictionary<string, OnnxTensors> single =
                Expect.Works($"Scoring one of {what} by the ONNX model", () => model.Score(rows.Select(input => input.Take(row, 1))));
            AssertRows($"The ONNX model on one of {what}", expected, single, hasLengths, row, relative, detector);
        }

        var ml = new MLContext(seed: 1);
        IDataView inPipeline = Expect.Works($"ApplyOnnxModel on {what}", () => Apply(ml, model, rows));
        Dictionary<string, OnnxTensors> applied = model.Outputs.ToDictionary(output => output, output => OnnxTensors.OfColumn(inPipeline, output));
        AssertRows($"ApplyOnnxModel on {what}", expected, applied, hasLengths, relative: relative, detector: detector);
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
            Dictionary<string, OnnxTensors> scored = Expect.Works(
                "Scoring a number that is not finite", () => model.Score([input with { Values = spoiled }]));
            foreach ((string output, OnnxTensors tensors) in scored)
            {
                string found = string.Create(CultureInfo.InvariantCulture, $"With {number} in row 1 of the input, the ONNX model");
                bool isNumber = tensors.Values is float[];
                double missing = isNumber ? double.NaN : 0;
                for (int row = 0; row < tensors.Rows; row++)
                {
                    double[] expected = row == 1 ? Enumerable.Repeat(missing, tensors.RowSize).ToArray() : finite[output].Row(row);
                    bool isRight = Tolerance.Rounding.AreEqual(expected, tensors.Row(row));
                    Assert.IsTrue(isRight, $"{found} must give {missing} for '{output}' of that row and leave the others alone.");
                }
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

    private static MemoryView RandomRows(MemoryView data, OnnxModel model, ITransformer transformer)
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
            case VectorDataViewType { ItemType: KeyDataViewType key }:
                // A language model refuses missing keys.
                int least = transformer is LanguageModelTransformer ? 1 : 0;
                int places = ((VectorDataViewType)data.Schema[column].Type).Size;
                uint[][] keys = [.. Enumerable.Range(0, Rows)
                    .Select(row => Enumerable.Range(0, places > 0 ? places : row).Select(_ => (uint)random.Next(least, (int)key.Count + 1)).ToArray())];
                return new([MemoryColumn.Vectors(column, key, [.. keys.Select(row => new VBuffer<uint>(row.Length, row))], places)]);
            case VectorDataViewType { ItemType: TextDataViewType }:
                ReadOnlyMemory<char>[][] tokens = [.. Enumerable.Range(0, Rows).Select(row => Words(random, row).Select(word => word.AsMemory()).ToArray())];
                return new([MemoryColumn.Vectors(column, TextDataViewType.Instance,
                    [.. tokens.Select(row => new VBuffer<ReadOnlyMemory<char>>(row.Length, row))])]);
            case TextDataViewType:
                return new(((ScoringTransformer)transformer).InputColumnNames.Select(
                    name => MemoryColumn.Texts(name, Enumerable.Range(0, Rows).Select(row => string.Join(' ', Words(random, row))))));
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

    private static object[] Column(MemoryView view, string name)
    {
        DataViewSchema.Column column = view.Schema[name];
        return Table.Read(view, [column]).Columns[column.Index];
    }

    // Keys and Booleans are numbers too.
    private static double[] Flat(object value) =>
        [.. (value as Array ?? new[] { value }).Cast<object>().Select(number => System.Convert.ToDouble(number, CultureInfo.InvariantCulture))];

    private static void AssertRows(
        string what, Dictionary<string, object[]> expected, Dictionary<string, OnnxTensors> actual, bool hasLengths, int first = 0, double relative = Relative,
        AnomalyTransformer? detector = null)
    {
        foreach ((string output, OnnxTensors tensors) in actual)
        {
            if (detector is not null && output.StartsWith("Percentile", StringComparison.Ordinal))
            {
                AssertPercentiles(what, detector, actual.Single(other => other.Key.StartsWith("Score", StringComparison.Ordinal)).Value, tensors);
                continue;
            }

            for (int row = 0; row < tensors.Rows; row++)
            {
                double[] own = Flat(expected[output][first + row]), given = tensors.Row(row);
                Assert.IsGreaterThanOrEqualTo(own.Length, given.Length, $"{what} must give at least {own.Length} numbers for '{output}' of row {first + row}.");
                bool isPadded = given[own.Length..].All(value => value == 0);
                Assert.IsTrue(!hasLengths || isPadded, $"{what} must give zeros behind the tokens of row {first + row}.");
                double scale = own.Length == 0 ? 0 : own.Max(value => Math.Abs(value));
                for (int i = 0; i < own.Length; i++)
                {
                    Assert.IsTrue(AreClose(own[i], given[i], scale, relative), string.Create(
                        CultureInfo.InvariantCulture, $"{what} must give {own[i]:R} for '{output}', number {i} of row {first + row}, but gives {given[i]:R}."));
                }
            }
        }
    }

    // Where two rows have nearly the same score, a percentile rises from one to the next however little a score changes: it must be that of the graph's score.
    private static void AssertPercentiles(string what, AnomalyTransformer detector, OnnxTensors scores, OnnxTensors percentiles)
    {
        const double Rounding = 1e-6, Close = 1e-3;
        for (int row = 0; row < scores.Rows; row++)
        {
            double score = scores.Row(row)[0], given = percentiles.Row(row)[0], apart = Math.Abs(score) * Rounding;
            float least = detector.PercentileOf((float)(score - apart)), most = detector.PercentileOf((float)(score + apart));
            Assert.IsTrue(
                double.IsNaN(score) ? double.IsNaN(given) : given >= least - Close && given <= most + Close,
                string.Create(CultureInfo.InvariantCulture, $"{what} must give {least:R} to {most:R} for the percentile of row {row}, but gives {given:R}."));
        }
    }

    private static bool AreClose(double own, double given, double scale, double relative) =>
        own.Equals(given) || Math.Abs(own - given) <= (relative * Math.Max(Math.Abs(own), Math.Abs(given))) + (Rounding * scale);
}
