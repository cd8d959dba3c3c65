using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoordConv;
using MLNet.Papers.Tests.Onnx;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.FlowAutoencoder;

/// <summary>What a user does with the codec and the detector.</summary>
[TestClass]
public sealed class FlowAutoencoderTests
{
    private const int Dimensions = 6;

    [TestMethod]
    public void Standardised_negatives_of_any_unit_are_reconstructed()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Clusters(400);
        using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", Options()).Fit(rows);
        float[] units = Units(), errors = [.. codec.Transform(rows).GetColumn<float>("Codes.ReconstructionError")];
        Assert.IsLessThan(0.1f, errors.Average(), "A tenth of the variance, at most, is lost.");
        float[][] restored = [.. codec.Transform(rows).GetColumn<float[]>("Codes.Reconstruction")], given = [.. rows.GetColumn<float[]>("Row")];
        for (int i = 0; i < Dimensions; i++)
        {
            double lost = restored.Zip(given, (one, other) => Math.Pow((one[i] - other[i]) / units[i], 2)).Average();
            Assert.IsLessThan(0.3, lost, $"slot {i}, whose unit is {units[i]}");
        }

        Assert.IsTrue(restored.Any(row => row[0] < 0) && restored.Any(row => row[0] > 0));
        Assert.IsFalse(codec.Health.HasCollapsed, codec.Health.ToString());
    }

    [TestMethod]
    public void Who_asks_for_codes_alone_never_runs_the_decoder()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Clusters(40);
        using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", Options(epochs: 1)).Fit(rows);
        float[][] expected = [.. Codes(codec, rows)];
        // A decoder without weights cannot even be built.
        FlowAutoencoderTransformer.State state = codec.Parts;
        using var lame = new FlowAutoencoderTransformer(
            codec.Environment, state with { Model = state.Model with { DecoderWeights = new NetworkWeights() } });
        float[][] actual = [.. Codes(lame, rows)];
        for (int row = 0; row < expected.Length; row++)
            CollectionAssert.AreEqual(expected[row], actual[row]);
        Assert.ThrowsExactly<KeyNotFoundException>(() => lame.Transform(rows).GetColumn<float>("Codes.ReconstructionError").ToArray());
    }

    [TestMethod]
    public void Invented_rows_are_those_of_their_seed_whatever_their_number_and_after_loading()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Clusters(60);
        using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", Options(epochs: 2)).Fit(rows);
        using var file = new MemoryStream();
        ml.Model.Save(codec, rows.Schema, file);
        file.Position = 0;
        var loaded = (FlowAutoencoderTransformer)ml.Model.Load(file, out _);
        IDataView few = codec.Generate(3, seed: 7), many = loaded.Generate(70, seed: 7);
        Assert.AreEqual(rows.Schema["Row"].Type, few.Schema["Row"].Type);
        Assert.HasCount(1, few.Schema);
        float[][] first = [.. few.GetColumn<float[]>("Row")], all = [.. many.GetColumn<float[]>("Row")];
        Assert.HasCount(3, first);
        Assert.HasCount(70, all);
        for (int row = 0; row < first.Length; row++)
            CollectionAssert.AreEqual(all[row], first[row]);
        CollectionAssert.AreNotEqual(first[0], codec.Generate(1, seed: 8).GetColumn<float[]>("Row").Single());
        Assert.AreEqual(0, codec.Generate(0).GetColumn<float[]>("Row").Count());
        Assert.HasCount(60, Codes(codec, codec.Generate(60, seed: 1)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => codec.Generate(-1));
    }

    [TestMethod]
    public void Between_two_rows_the_way_begins_and_ends_at_their_reconstructions()
    {
        MemoryView rows = Clusters(60);
        using FlowAutoencoderTransformer codec =
            new MLContext(seed: 1).Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", Options(epochs: 2)).Fit(rows);
        float[][] given = [.. rows.GetColumn<float[]>("Row")], restored = [.. codec.Transform(rows).GetColumn<float[]>("Codes.Reconstruction")];
        float[][] between = [.. codec.Interpolate(given[0], given[1], steps: 5).GetColumn<float[]>("Row")];
        Assert.HasCount(5, between);
        CollectionAssert.AreEqual(restored[0], between[0]);
        CollectionAssert.AreEqual(restored[1], between[4]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => codec.Interpolate(given[0], given[1], 1));
        Assert.Contains("6 values", Assert.ThrowsExactly<ArgumentException>(() => codec.Interpolate(given[0], [1], 2)).Message);
        Assert.ThrowsExactly<ArgumentException>(() => codec.Interpolate(given[0], [1, 2, 3, 4, 5, float.NaN], 2));
    }

    [TestMethod]
    public void Pictures_are_invented_as_pictures()
    {
        var ml = new MLContext(seed: 1);
        MemoryView pictures = new([Pictures.Images("Image", 8)]);
        using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder(
            "Codes", "Image",
            new() { ImageShape = new(3, 8, 8), CodeSize = 2, Channels = 4, Epochs = 1 }).Fit(pictures);
        IDataView invented = codec.Generate(2, seed: 1);
        Assert.IsInstanceOfType<ImageDataViewType>(invented.Schema["Image"].Type);
        foreach (MLImage picture in invented.GetColumn<MLImage>("Image"))
        {
            using (picture)
                Assert.AreEqual((8, 8), (picture.Width, picture.Height));
        }

        Assert.HasCount(2, Codes(codec, invented));
    }

    [TestMethod]
    public void A_table_with_categories_and_missing_values_is_completed()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        // The colour says the sign of both numbers.
        Thing[] things = [.. Enumerable.Range(0, 300).Select(row =>
        {
            bool isRed = row % 2 == 0;
            float Number() => (isRed ? 50 : -50) + random.NextSingle();
            return new Thing { Colour = isRed ? "red" : "blue", First = Number(), Second = row % 5 == 0 ? float.NaN : Number() };
        })];
        IDataView table = ml.Data.LoadFromEnumerable(things);
        var prepared = ml.Transforms.Categorical.OneHotEncoding("Colours", "Colour").Append(ml.Transforms.Concatenate("Row", "Colours", "First", "Second"));
        IDataView rows = prepared.Fit(table).Transform(table);
        FlowAutoencoderOptions options = Options(epochs: 40);
        options.ReadMissing = true;
        using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", options).Fit(rows);
        float[][] restored = [.. codec.Transform(rows).GetColumn<float[]>("Codes.Reconstruction")], given = [.. rows.GetColumn<float[]>("Row")];
        for (int row = 0; row < restored.Length; row++)
        {
            Assert.AreEqual(1, restored[row][0] + restored[row][1], 1e-5, "The slots of a category are probabilities.");
            Assert.IsGreaterThan(0.5f, TensorPrimitives.Dot<float>(restored[row].AsSpan(0, 2), given[row].AsSpan(0, 2)), $"the colour of row {row}");
            Assert.AreEqual(row % 2 == 0 ? 50 : -50, restored[row][2], 15, $"the first number of row {row}");
            if (float.IsFinite(given[row][3]))
                Assert.AreEqual(row % 2 == 0 ? 50 : -50, restored[row][3], 15, $"the second number of row {row}");
        }

        Assert.IsTrue(codec.Transform(rows).GetColumn<float>("Codes.ReconstructionError").All(float.IsFinite));
        using (var graph = new OnnxModel(codec))
            OnnxChecks.AssertSame(codec, graph, MemoryView.Of(ml.Transforms.SelectColumns("Row").Fit(rows).Transform(rows)), "a table with missing values");
        InvalidOperationException refused = Assert.ThrowsExactly<InvalidOperationException>(
            () => ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", Options()).Fit(rows));
        Assert.Contains("row 0", refused.Message);
    }

    [TestMethod]
    public void A_column_that_never_changes_says_so()
    {
        MemoryView rows = new([MemoryColumn.Vectors("Row", [.. Enumerable.Repeat(new float[] { 1, 2 }, 10)])]);
        InvalidOperationException refused = Assert.ThrowsExactly<InvalidOperationException>(
            () => new MLContext(seed: 1).Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", Options()).Fit(rows));
        Assert.Contains("Column 'Row' has no variance: all 10 rows are the same", refused.Message);
    }

    [TestMethod]
    public void Numbers_outside_0_and_1_are_refused_where_they_must_be_inside()
    {
        FlowAutoencoderOptions options = Options();
        options.Likelihood = Likelihood.Bernoulli;
        InvalidOperationException refused = Assert.ThrowsExactly<InvalidOperationException>(
            () => new MLContext(seed: 1).Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", options).Fit(Clusters(10)));
        Assert.Contains("Column 'Row' must be from 0 to 1 with Likelihood.Bernoulli", refused.Message);
    }

    [TestMethod]
    public void An_image_whose_sides_the_codes_do_not_divide_is_refused()
    {
        ArgumentOutOfRangeException refused = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext(seed: 1).Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", new() { ImageShape = new(1, 30, 28) }));
        Assert.Contains("Downsampling = 4", refused.Message);
    }

    [TestMethod]
    public void A_training_that_is_stopped_goes_on_where_it_was()
    {
        MemoryView rows = Clusters(200);
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            FlowAutoencoderOptions options = Options(epochs: 4);
            options.AnnealingSteps = 10;
            float[] whole = Fit(new MLContext(seed: 1), options);
            var ml = new MLContext(seed: 1);
            (options.CheckpointFolder, options.CheckpointInterval) = (folder, 5);
            options.Progress = new ProgressList(progress =>
            {
                if (progress.Fraction >= 0.6)
                    ml.CancelExecution();
            });
            Assert.ThrowsExactly<OperationCanceledException>(() => Fit(ml, options));
            Assert.IsNotEmpty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
            options.Progress = null;
            CollectionAssert.AreEqual(whole, Fit(new MLContext(seed: 1), options));
            Assert.IsEmpty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        float[] Fit(MLContext ml, FlowAutoencoderOptions options)
        {
            using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", options).Fit(rows);
            float[] invented = [.. codec.Generate(5, seed: 1).GetColumn<float[]>("Row").SelectMany(row => row)];
            return [.. codec.Transform(rows).GetColumn<float>("Codes.ReconstructionError"), .. invented];
        }
    }

    [TestMethod]
    public void A_collapsed_posterior_is_warned_of_with_what_to_change()
    {
        var ml = new MLContext(seed: 1);
        List<string> warnings = [];
        ml.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(entry.Message);
        };
        FlowAutoencoderOptions options = Options(epochs: 100);
        (options.Deviation, options.FlowLength) = (10, 0);
        using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", options).Fit(Clusters(200));
        Assert.AreEqual(0, codec.Health.ActiveUnits, codec.Health.ToString());
        Assert.IsLessThan(0.1, codec.Health.Kl);
        Assert.IsTrue(warnings.Any(warning => warning.Contains("has collapsed") && warning.Contains("Lower Deviation")), string.Join(" / ", warnings));
    }

    // Without a flow the parts add up; and a sound model is not warned of.
    [TestMethod]
    public void The_health_says_what_codes_carry()
    {
        FlowAutoencoderOptions options = Options();
        (options.FlowLength, options.EvaluationSamples) = (0, 200);
        using FlowAutoencoderTransformer codec =
            new MLContext(seed: 1).Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", options).Fit(Clusters(400));
        Assert.AreEqual(codec.Health.UnitKl.Sum(), codec.Health.Kl, 0.1 * codec.Health.Kl);
        Assert.IsGreaterThan(2, codec.Health.ActiveUnits);
        Assert.IsGreaterThan(1, codec.Health.Kl);
    }

    [TestMethod]
    public void A_bound_depends_on_its_row_alone_and_stays_after_loading()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Clusters(70);
        using FlowAutoencoderTransformer codec = ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", Options(epochs: 3)).Fit(rows);
        float[] bounds = [.. codec.Transform(rows).GetColumn<float>("Codes.Bound")];
        using var file = new MemoryStream();
        ml.Model.Save(codec, rows.Schema, file);
        file.Position = 0;
        ITransformer loaded = ml.Model.Load(file, out _);
        CollectionAssert.AreEqual(bounds, loaded.Transform(rows).GetColumn<float>("Codes.Bound").ToArray());
        float[][] given = [.. rows.GetColumn<float[]>("Row")];
        for (int row = 0; row < 5; row++)
        {
            MemoryView alone = new([MemoryColumn.Vectors("Row", [given[row]])]);
            Assert.AreEqual(bounds[row], codec.Transform(alone).GetColumn<float>("Codes.Bound").Single());
        }
    }

    [TestMethod]
    public void Annealing_and_a_mixture_to_draw_from_give_rows_like_those_that_were_learned_from()
    {
        FlowAutoencoderOptions options = Options();
        (options.AnnealingSteps, options.PriorComponents) = (100, 8);
        MemoryView rows = Clusters(400);
        using FlowAutoencoderTransformer codec = new MLContext(seed: 1).Transforms.FeaturizeWithFlowAutoencoder("Codes", "Row", options).Fit(rows);
        float[] units = Units();
        float[][] invented = [.. codec.Generate(200, seed: 3).GetColumn<float[]>("Row")];
        // Most numbers are near one of the ends, half a unit from 0.
        double near = invented.SelectMany(row => row.Select((value, i) => Math.Abs(value / units[i]) > 0.3 ? 1.0 : 0)).Average();
        Assert.IsGreaterThan(0.8, near);
    }

    [TestMethod]
    public void Strange_rows_are_found_and_evaluated_by_ML_NET()
    {
        var ml = new MLContext(seed: 1);
        using FlowAutoencoderAnomalyTransformer detector = ml.AnomalyDetection.Trainers.FlowAutoencoder(
            "Row", new() { CodeSize = 4, FlowLength = 4, HiddenUnits = [32], Epochs = 30, BatchSize = 32, LearningRate = 3e-3, Contamination = 0.05 })
            .Fit(Clusters(400));
        var random = new Random(9);
        float[] units = Units();
        float[][] strange = [.. Enumerable.Range(0, 40).Select(_ => units.Select(unit => unit * 4 * (random.NextSingle() - 0.5f)).ToArray())];
        float[][] usual = [.. Clusters(200, seed: 8).GetColumn<float[]>("Row")];
        MemoryView labelled = new(
        [
            MemoryColumn.Vectors("Row", [.. usual, .. strange]),
            MemoryColumn.Values("Label", NumberDataViewType.Single, [.. usual.Select(_ => 0f), .. strange.Select(_ => 1f)]),
        ]);
        IDataView scored = detector.Transform(labelled);
        AnomalyDetectionMetrics metrics = ml.AnomalyDetection.Evaluate(scored);
        Assert.IsGreaterThan(0.9, metrics.AreaUnderRocCurve);
        float[] scores = [.. scored.GetColumn<float>("Score")], percentiles = [.. scored.GetColumn<float>("Percentile")];
        bool[] labels = [.. scored.GetColumn<bool>("PredictedLabel")];
        for (int row = 0; row < scores.Length; row++)
        {
            Assert.AreEqual(scores[row] > detector.Threshold, labels[row]);
            Assert.IsTrue(labels[row] ? percentiles[row] >= 94.8 : percentiles[row] <= 95.2, $"row {row}: {scores[row]} is at {percentiles[row]}");
        }

        Assert.IsGreaterThan(labels.Count(label => label), Count(detector.WithContamination(0.3)));
        Assert.AreEqual(0, Count(detector.WithThreshold(scores.Max())));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => detector.WithThreshold(float.NaN));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => detector.WithContamination(0.6));

        int Count(AnomalyTransformer other) => other.Transform(labelled).GetColumn<bool>("PredictedLabel").Count(label => label);
    }

    private static FlowAutoencoderOptions Options(int epochs = 30) => new()
    {
        CodeSize = 4,
        FlowLength = 4,
        HiddenUnits = [32],
        Epochs = epochs,
        BatchSize = 32,
        LearningRate = 3e-3,
        WithBound = true,
        WithReconstruction = true,
        WithReconstructionError = true,
    };

    private static float[] Units() => [1, 1000, 0.01f, 5, 1, 30];

    // Eight corners with little noise, in various units and around 0.
    private static MemoryView Clusters(int count, int seed = 7)
    {
        var random = new Random(seed);
        float[] units = Units();
        return new([MemoryColumn.Vectors("Row", [.. Enumerable.Range(0, count).Select(_ =>
        {
            int corner = random.Next(8);
            return units.Select((unit, i) => unit * (((corner >> (i % 3)) & 1) - 0.5f + (0.1f * (random.NextSingle() - 0.5f)))).ToArray();
        })])]);
    }

    private static IReadOnlyList<float[]> Codes(FlowAutoencoderTransformer codec, IDataView rows) =>
        [.. codec.Transform(rows).GetColumn<float[]>("Codes")];

    private sealed class Thing
    {
        public string Colour { get; set; } = "";

        public float First { get; set; }

        public float Second { get; set; }
    }
}
