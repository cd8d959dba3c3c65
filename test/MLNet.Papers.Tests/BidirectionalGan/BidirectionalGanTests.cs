using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.BidirectionalGan;

/// <summary>What a user does with codes and invented rows of a bidirectional GAN.</summary>
[TestClass]
public sealed class BidirectionalGanTests
{
    [TestMethod]
    public void Encoder_and_generator_learn_to_invert_each_other_on_a_ring()
    {
        MemoryView rows = Ring(2_560, seed: 1);
        using BidirectionalGanTransformer gan = Fit(rows, Options(epochs: 60)), untrained = Fit(rows, Options(epochs: 1, learningRate: 1e-9));
        Assert.IsLessThan(0.6, Ratio(gan, gan, rows));
        // The same generator with an encoder that has learned nothing.
        Assert.IsGreaterThan(0.8, Ratio(untrained, gan, rows));
        float[][] invented = [.. gan.Generate(500, seed: 3).GetColumn<float[]>("Row")];
        double off = invented.Average(row => Math.Abs(Math.Sqrt((row[0] * row[0]) + (row[1] * row[1])) - 2));
        Assert.IsLessThan(0.5, off, "What is invented is near the ring of radius 2.");
    }

    [TestMethod]
    public void Invented_rows_are_those_of_their_seed_whatever_their_number_and_after_loading()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Ring(64, seed: 1);
        foreach (CodeDistribution distribution in Enum.GetValues<CodeDistribution>())
        {
            BidirectionalGanOptions options = Options(epochs: 1);
            options.CodeDistribution = distribution;
            using BidirectionalGanTransformer gan = Fit(rows, options);
            using var file = new MemoryStream();
            ml.Model.Save(gan, rows.Schema, file);
            file.Position = 0;
            using var loaded = (BidirectionalGanTransformer)ml.Model.Load(file, out _);
            float[][] few = [.. gan.Generate(3, seed: 7).GetColumn<float[]>("Row")], many = [.. loaded.Generate(70, seed: 7).GetColumn<float[]>("Row")];
            for (int row = 0; row < few.Length; row++)
                CollectionAssert.AreEqual(many[row], few[row]);
            CollectionAssert.AreNotEqual(few[0], gan.Generate(1, seed: 8).GetColumn<float[]>("Row").Single());
        }
    }

    [TestMethod]
    public void Drawn_codes_are_spread_as_they_are_said_to_be()
    {
        float[] uniform = CodeDistribution.Uniform.Draw(5_000, 2, seed: 1), normal = CodeDistribution.Gaussian.Draw(5_000, 2, seed: 1);
        Assert.IsTrue(uniform.All(number => number is >= -1 and <= 1));
        Assert.AreEqual(0, uniform.Average(), 0.03);
        Assert.AreEqual(1.0 / 3, uniform.Average(number => number * number), 0.02);
        Assert.AreEqual(0, normal.Average(), 0.05);
        Assert.AreEqual(1, normal.Average(number => number * number), 0.05);
    }

    [TestMethod]
    public void Who_asks_for_codes_alone_never_runs_the_generator()
    {
        MemoryView rows = Ring(32, seed: 1);
        using BidirectionalGanTransformer gan = Fit(rows, Options(epochs: 1));
        BidirectionalGanTransformer.State state = gan.Parts;
        using var lame = new BidirectionalGanTransformer(
            gan.Environment, state with { Model = state.Model with { DecoderWeights = new NetworkWeights() } });
        float[][] expected = [.. gan.Transform(rows).GetColumn<float[]>("Codes")], actual = [.. lame.Transform(rows).GetColumn<float[]>("Codes")];
        for (int row = 0; row < expected.Length; row++)
            CollectionAssert.AreEqual(expected[row], actual[row]);
        Assert.ThrowsExactly<KeyNotFoundException>(() => lame.Transform(rows).GetColumn<float>("Codes.ReconstructionError").ToArray());
    }

    [TestMethod]
    public void The_way_back_decodes_codes_to_the_reconstruction()
    {
        MemoryView rows = Ring(32, seed: 1);
        using BidirectionalGanTransformer gan = Fit(rows, Options(epochs: 1));
        IDataView coded = gan.Transform(rows);
        using AutoencoderDecoderTransformer decoder = gan.Decoder("Back", "Codes");
        float[][] expected = [.. coded.GetColumn<float[]>("Codes.Reconstruction")], actual = [.. decoder.Transform(coded).GetColumn<float[]>("Back")];
        for (int row = 0; row < expected.Length; row++)
            CollectionAssert.AreEqual(expected[row], actual[row]);
    }

    [TestMethod]
    public void The_log_has_the_losses_of_both_players()
    {
        List<string> messages = [];
        var ml = new MLContext(seed: 1);
        ml.Log += (_, entry) => messages.Add(entry.Message);
        using BidirectionalGanTransformer gan = Fit(Ring(64, seed: 1), Options(epochs: 2), ml);
        string[] losses = [.. messages.Where(message => message.Contains("losses of the discriminator 1.", StringComparison.Ordinal)
            && message.Contains("the encoder and generator ", StringComparison.Ordinal))];
        Assert.HasCount(2, losses, string.Join(" / ", messages));
    }

    [TestMethod]
    public void A_training_that_is_stopped_goes_on_where_it_was()
    {
        MemoryView rows = Ring(200, seed: 1);
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            BidirectionalGanOptions options = Options(epochs: 4);
            (options.BatchSize, options.MicroBatchSize) = (32, 16);
            float[] whole = Errors(new MLContext(seed: 1), options);
            var ml = new MLContext(seed: 1);
            (options.CheckpointFolder, options.CheckpointInterval) = (folder, 5);
            options.Progress = new ProgressList(progress =>
            {
                if (progress.Fraction >= 0.5)
                    ml.CancelExecution();
            });
            Assert.ThrowsExactly<OperationCanceledException>(() => Errors(ml, options));
            Assert.IsNotEmpty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
            options.Progress = null;
            CollectionAssert.AreEqual(whole, Errors(new MLContext(seed: 1), options));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        float[] Errors(MLContext ml, BidirectionalGanOptions options)
        {
            using BidirectionalGanTransformer gan = Fit(rows, options, ml);
            return [.. gan.Transform(rows).GetColumn<float>("Codes.ReconstructionError")];
        }
    }

    [TestMethod]
    public void Missing_values_and_categories_are_learned_with_every_objective()
    {
        float[][] rows = [.. Ring(40, seed: 2).GetColumn<float[]>("Row")];
        rows[3][1] = rows[7][0] = float.NaN;
        foreach (BidirectionalGanObjective objective in Enum.GetValues<BidirectionalGanObjective>())
        {
            BidirectionalGanOptions options = Options(epochs: 2);
            (options.Objective, options.ReadMissing, options.ValidationFraction) = (objective, true, 0.2);
            using BidirectionalGanTransformer gan = Fit(new([MemoryColumn.Vectors("Row", rows)]), options);
            Assert.IsTrue(gan.Transform(new MemoryView([MemoryColumn.Vectors("Row", rows)])).GetColumn<float>("Codes.ReconstructionError").All(float.IsFinite));
        }
    }

    private static BidirectionalGanTransformer Fit(MemoryView rows, BidirectionalGanOptions options, MLContext? ml = null) =>
        (ml ?? new MLContext(seed: 1)).Transforms.FeaturizeWithBidirectionalGan("Codes", "Row", options).Fit(rows);

    private static BidirectionalGanOptions Options(int epochs, double learningRate = 1e-3) => new()
    {
        CodeSize = 2,
        HiddenUnits = [64, 64],
        Epochs = epochs,
        LearningRate = learningRate,
        LearningRateDecay = LearningRateDecay.None,
        WithReconstruction = true,
        WithReconstructionError = true,
    };

    // mean |x - G(E(x))| / mean |x - G(E(x'))|, where x' is another row.
    private static double Ratio(BidirectionalGanTransformer encoder, BidirectionalGanTransformer generator, IDataView rows)
    {
        using AutoencoderDecoderTransformer decoder = generator.Decoder("Back", "Codes");
        float[][] given = [.. rows.GetColumn<float[]>("Row")], back = [.. decoder.Transform(encoder.Transform(rows)).GetColumn<float[]>("Back")];
        return Distance(0) / Distance(1);

        double Distance(int shift) => given.Select((row, i) => (double)Vector(row, back[(i + shift) % back.Length])).Average();

        static float Vector(float[] row, float[] other) => MathF.Sqrt(row.Zip(other, (one, two) => (one - two) * (one - two)).Sum());
    }

    // Eight normal distributions of deviation 0.1 around a ring of radius 2.
    private static MemoryView Ring(int count, int seed)
    {
        var random = new Random(seed);
        return new([MemoryColumn.Vectors("Row", [.. Enumerable.Range(0, count).Select(_ =>
        {
            double angle = random.Next(8) * Math.PI / 4;
            return new[] { (float)(2 * Math.Cos(angle)) + Noise(), (float)(2 * Math.Sin(angle)) + Noise() };
        })])]);

        float Noise() => 0.1f * GaussianMixture.Normal(random);
    }
}
