using System.Reflection;
using System.Text.Json;
using Microsoft.ML;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

[TestClass]
public sealed class PrototypicalNetworkOptionsTests
{
    private static readonly ImageShape Image = new(1, 28, 28);

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void The_defaults_are_the_papers_and_valid()
    {
        var options = new PrototypicalNetworkOptions();
        options.Validate();
        // Section 3.1: Adam at 1e-3, halved every 2000 episodes, four blocks of 64 filters; section 2.7: squared Euclidean distance.
        Assert.AreEqual(1e-3, options.LearningRate);
        Assert.AreEqual((LearningRateDecay.Halving, 2000), (options.LearningRateDecay, options.HalvingInterval));
        Assert.AreEqual((64, 4), (options.Filters, options.Blocks));
        Assert.AreEqual(Distance.SquaredEuclidean, options.Distance);
        Assert.AreEqual((1, 5), (options.Shots, options.QueriesPerClass));
        new PrototypicalNetworkOptions { ImageShape = Image, Rotations = true, AffineJitter = 1 }.Validate();
    }

    [TestMethod]
    public void Every_option_has_one_rule()
    {
        foreach (PropertyInfo property in TechniqueOptions.Properties(typeof(PrototypicalNetworkOptions)))
            Assert.HasCount(1, property.GetCustomAttributes<RuleAttribute>().ToArray(), property.Name);
    }

    [TestMethod]
    public void A_value_that_breaks_its_rule_is_named_with_the_rule()
    {
        AssertRefused(new() { Ways = 1 }, "Ways must be from 2 to 1048576, but was 1.");
        AssertRefused(new() { Shots = 0 }, "Shots must be from 1 to 1048576, but was 0.");
        AssertRefused(new() { QueriesPerClass = -3 }, "QueriesPerClass must be from 1 to 1048576, but was -3.");
        AssertRefused(new() { Episodes = 0 }, "Episodes must be at least 1, but was 0.");
        AssertRefused(new() { Distance = (Distance)7 }, "Distance must be one of the enumeration's values, but was 7.");
        AssertRefused(new() { LearningRate = 0 }, "LearningRate must be greater than 0, but was 0.");
        AssertRefused(new() { LearningRate = double.NaN }, "LearningRate must be greater than 0, but was NaN.");
        AssertRefused(new() { LearningRateDecay = (LearningRateDecay)5 }, "LearningRateDecay must be one of the enumeration's values, but was 5.");
        AssertRefused(new() { HalvingInterval = 0 }, "HalvingInterval must be at least 1, but was 0.");
        AssertRefused(new() { Filters = 4097 }, "Filters must be from 1 to 4096, but was 4097.");
        AssertRefused(new() { Blocks = 9 }, "Blocks must be from 1 to 8, but was 9.");
        AssertRefused(new() { HiddenUnits = [256, 0, -1] }, "HiddenUnits must be from 1 to 65536, but was 0.");
        AssertRefused(new() { EmbeddingSize = 65537 }, "EmbeddingSize must be from 1 to 65536, but was 65537.");
        AssertRefused(new() { AffineJitter = 4.5 }, "AffineJitter must be from 0 to 4, but was 4.5.");
        AssertRefused(new() { ValidationFraction = 0.95 }, "ValidationFraction must be from 0 to 0.9, but was 0.95.");
        AssertRefused(new() { ValidationEpisodes = 0 }, "ValidationEpisodes must be from 1 to 100000, but was 0.");
        AssertRefused(new() { EmbeddingColumnName = " " }, "EmbeddingColumnName must be null or a text that is not blank, but was ' '.");
        AssertRefused(new() { ImageShape = new(1, 0, 28) }, "ImageShape must be null or three numbers of at least 1, but was 1 × 0 × 28.");
        AssertRefused(new() { MaxGradientNorm = 0 }, "MaxGradientNorm must be greater than 0, but was 0.");
        AssertRefused(new() { ValidationInterval = 0 }, "ValidationInterval must be at least 1, but was 0.");
        AssertRefused(new() { Patience = 0 }, "Patience must be at least 1, but was 0.");
        AssertRefused(new() { TimeLimit = TimeSpan.Zero }, "TimeLimit must be greater than 00:00:00, but was 00:00:00.");
        AssertRefused(new() { CheckpointFolder = "" }, "CheckpointFolder must be null or a text that is not blank, but was ''.");
        AssertRefused(new() { CheckpointInterval = 0 }, "CheckpointInterval must be at least 1, but was 0.");
    }

    [TestMethod]
    public void Options_that_contradict_each_other_are_named()
    {
        AssertRefused(new() { Rotations = true }, "Rotations needs ImageShape, which is null.");
        AssertRefused(new() { ImageShape = Image, Blocks = 5 }, "Blocks must leave at least one pixel of an image of 1 × 28 × 28, but was 5.");
        AssertRefused(new() { ImageShape = new(1, 2, 28), Blocks = 2 }, "Blocks must leave at least one pixel of an image of 1 × 2 × 28, but was 2.");
        AssertRefused(new() { ImageShape = new(1, 28, 2), Blocks = 2 }, "Blocks must leave at least one pixel of an image of 1 × 28 × 2, but was 2.");
        AssertRefused(new() { ImageShape = new(1, 28, 32), Rotations = true }, "Rotations needs square images, but ImageShape is 1 × 28 × 32.");
    }

    [TestMethod]
    public void An_embedding_longer_than_a_vector_is_refused() =>
        // 4096 filters of 2048 by 2048 pixels are 2^34 values, of which 32 bits would leave none.
        AssertRefused(new() { ImageShape = new(1, 4096, 4096), Filters = 4096, Blocks = 1 }, "Filters ");

    [TestMethod]
    [DataRow("Score")]
    [DataRow("PredictedLabel")]
    public void The_embedding_may_not_take_the_name_of_another_output(string name) =>
        AssertRefused(new() { EmbeddingColumnName = name }, $"EmbeddingColumnName must not be the name of another output column, but was {name}.");

    [TestMethod]
    public void Null_is_refused_where_the_type_does_not_allow_it()
    {
        var exception = Assert.ThrowsExactly<ArgumentNullException>(() => Trainer(new() { HiddenUnits = null! }));
        StringAssert.StartsWith(exception.Message, "PrototypicalNetworkOptions.HiddenUnits must not be null.", StringComparison.Ordinal);
        Assert.AreEqual("HiddenUnits", exception.ParamName);
    }

    [TestMethod]
    public void The_columns_must_have_names()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => _ml.MulticlassClassification.Trainers.PrototypicalNetwork(labelColumnName: null!));
        Assert.ThrowsExactly<ArgumentException>(() => _ml.MulticlassClassification.Trainers.PrototypicalNetwork(featureColumnName: " "));
    }

    [TestMethod]
    public void A_copy_has_its_own_arrays()
    {
        var options = new PrototypicalNetworkOptions { HiddenUnits = [3, 4], Ways = 7, Seed = 5, ImageShape = Image };
        var copy = (PrototypicalNetworkOptions)options.Copy();
        options.HiddenUnits[0] = 99;
        options.Ways = 99;
        CollectionAssert.AreEqual(new[] { 3, 4 }, copy.HiddenUnits);
        Assert.AreEqual((7, 5, Image), (copy.Ways, copy.Seed, copy.ImageShape));
    }

    [TestMethod]
    public void A_copy_has_every_value()
    {
        var options = new PrototypicalNetworkOptions();
        foreach (PropertyInfo property in TechniqueOptions.Properties(typeof(PrototypicalNetworkOptions)))
            property.SetValue(options, Another(property));
        TechniqueOptions copy = options.Copy();
        foreach (PropertyInfo property in TechniqueOptions.Properties(typeof(PrototypicalNetworkOptions)))
        {
            Assert.AreNotEqual(property.GetValue(new PrototypicalNetworkOptions()), property.GetValue(options), property.Name);
            if (property.PropertyType.IsArray)
                CollectionAssert.AreEqual((Array?)property.GetValue(options), (Array?)property.GetValue(copy), property.Name);
            else
                Assert.AreEqual(property.GetValue(options), property.GetValue(copy), property.Name);
        }
    }

    [TestMethod]
    public void Changing_options_after_a_trainer_was_made_changes_nothing()
    {
        var options = new PrototypicalNetworkOptions { HiddenUnits = [3], EmbeddingSize = 2, Episodes = 1, Shots = 1, QueriesPerClass = 1 };
        PrototypicalNetworkTrainer trainer = Trainer(options);
        options.EmbeddingSize = 5;
        options.HiddenUnits[0] = 7;
        options.Shots = 1000;
        var data = new HandWrittenView(HandWrittenColumn.Vectors("Features", [0], [0], [1], [1]), HandWrittenColumn.Keys("Label", [1, 1, 2, 2], "a", "b"));
        using PrototypicalNetworkTransformer model = trainer.Fit(data);
        Assert.AreEqual(2, model.EmbeddingSize);
        CollectionAssert.AreEqual(new[] { 3 }, model.Architecture.HiddenUnits);
    }

    [TestMethod]
    public void Options_come_back_from_JSON()
    {
        var options = new PrototypicalNetworkOptions
        {
            ImageShape = Image,
            HiddenUnits = [3, 4],
            Distance = Distance.Cosine,
            TimeLimit = TimeSpan.FromMinutes(3),
            Patience = 2,
            Seed = 9,
        };
        PrototypicalNetworkOptions back = JsonSerializer.Deserialize<PrototypicalNetworkOptions>(JsonSerializer.Serialize(options))!;
        Assert.AreEqual((Image, Distance.Cosine, TimeSpan.FromMinutes(3), 2, 9), (back.ImageShape, back.Distance, back.TimeLimit, back.Patience, back.Seed));
        CollectionAssert.AreEqual(new[] { 3, 4 }, back.HiddenUnits);
    }

    private static object? Another(PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            _ when type == typeof(int) => 77,
            _ when type == typeof(double) => 0.77,
            _ when type == typeof(bool) => true,
            _ when type == typeof(string) => "x",
            _ when type == typeof(int[]) => new[] { 7, 7 },
            _ when type == typeof(TimeSpan) => TimeSpan.FromDays(7),
            _ when type == typeof(ImageShape) => new ImageShape(7, 7, 7),
            _ when type == typeof(Distance) => Distance.Cosine,
            _ when type == typeof(Normalization) => Normalization.Layer,
            _ when type == typeof(LearningRateDecay) => LearningRateDecay.Cosine,
            _ when type == typeof(IDataView) => new HandWrittenView(HandWrittenColumn.Text("Text")),
            _ when type == typeof(IProgress<TrainingProgress>) => new Progress<TrainingProgress>(),
            _ => throw new AssertFailedException($"Give {property.Name} a value that is not its default."),
        };
    }

    private PrototypicalNetworkTrainer Trainer(PrototypicalNetworkOptions options) =>
        _ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: options);

    private void AssertRefused(PrototypicalNetworkOptions options, string message)
    {
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(options));
        StringAssert.StartsWith(exception.Message, $"PrototypicalNetworkOptions.{message}", StringComparison.Ordinal);
        Assert.AreEqual(message.Split(' ')[0], exception.ParamName);
    }
}
