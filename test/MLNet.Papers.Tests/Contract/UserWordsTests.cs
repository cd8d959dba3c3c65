using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Distillation;
using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Messages that no check of the contract asks for speak of what a user knows, too.</summary>
[TestClass]
public sealed class UserWordsTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    [DataRow("Column 'Features' has values of Microsoft.ML.Data.VBuffer`1[System.Single].", "names the type")]
    [DataRow("The image is 1 × 8 × 8,, but must have three channels.", "has ',,'")]
    [DataRow("Column 'Features' is missing.", null)]
    public void Faults_of_messages_are_found(string message, string? fault)
    {
        string? found = UserWords.FindFault(new InvalidOperationException(message));
        if (fault is null)
            Assert.IsNull(found);
        else
            Assert.Contains(fault, found!);
    }

    [TestMethod]
    [DataRow("labelColumnName", true)]
    [DataRow("Epochs", true)]
    [DataRow("insideOnly", false)]
    public void Parameters_that_no_user_gives_are_found(string parameter, bool isKnown) =>
        Assert.AreEqual(isKnown, UserWords.FindFault(new ArgumentException("It is missing.", parameter)) is null);

    [TestMethod]
    public void A_block_with_other_values_is_named_without_its_type()
    {
        using var stream = new MemoryStream();
        var writer = new ModelWriter(stream);
        writer.WriteJson("options", new Forged(1, "eight", 8));
        writer.End();
        stream.Position = 0;
        FormatException error = Assert.ThrowsExactly<FormatException>(() => new ModelReader(stream).ReadJson<ImageShape>("options"));
        Assert.IsNull(UserWords.FindFault(error), error.Message);
        Assert.AreEqual("Block 'options' is not valid at $.Height: a value is missing, of another type or does not belong there.", error.Message);
    }

    [TestMethod]
    public void A_getter_of_another_type_is_refused_with_both_types_as_a_program_writes_them()
    {
        MemoryView rows = Lessons.Rows();
        using BornAgainNetworkTransformer model =
            Ml.MulticlassClassification.Trainers.BornAgainNetwork(options: new() { Epochs = 1, Generations = 1, HiddenUnits = [4] }).Fit(rows);
        IDataView scored = model.Transform(rows);
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<VBuffer<double>>(scored.Schema["Score"]));
        Assert.AreEqual("Column 'Score' is Vector<Single, 3>: its getter gives VBuffer<Single>, but was asked for VBuffer<Double>.", error.Message);
    }

    [TestMethod]
    public void A_teacher_that_cannot_score_is_refused_without_the_parameters_of_its_own_code()
    {
        MemoryView rows = Lessons.Rows();
        ITransformer teacher = Lessons.Linear(rows.With(MemoryColumn.Vectors("Others", Lessons.Features(48))).Without("Features"), "Others");
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Ml.MulticlassClassification.Trainers.Distillation(teacher).Fit(rows));
        Assert.StartsWith("The teacher cannot score rows with the columns 'Features', 'Label': ", error.Message);
        Assert.DoesNotContain("(Parameter", error.Message);
    }

    [TestMethod]
    public void A_teacher_without_scores_is_refused_without_a_parameter()
    {
        MemoryView rows = Lessons.Rows();
        ITransformer teacher = Ml.Transforms.CopyColumns("Copy", "Features").Fit(rows);
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Ml.MulticlassClassification.Trainers.Distillation(teacher).Fit(rows));
        Assert.StartsWith("The teacher has no column 'Score'", error.Message);
        Assert.DoesNotContain("(Parameter", error.Message);
    }

    // Where nothing wraps it, an error names what was given to the network, and not the class that describes it.
    [TestMethod]
    public void An_autoencoder_that_does_not_fit_into_memory_names_the_users_options()
    {
        MemoryView rows = new(
            [
                MemoryColumn.Vectors(
                    "Features", [.. Enumerable.Range(0, 60).Select(row => Enumerable.Range(0, 64).Select(i => (float)Math.Sin((row * 7) + i)).ToArray())]),
            ]);
        TrainingMemory.Limit = 1 << 20;
        try
        {
            var options = new CactusOptions { Embedding = CactusEmbedding.Autoencoder, EmbeddingSize = 4096, Clusters = 5, Ways = 2, QueriesPerClass = 1 };
            InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
                () => Ml.Transforms.FeaturizeWithCactus("Out", "Features", options).Fit(rows));
            Assert.StartsWith("CactusOptions: ", error.Message);
            Assert.Contains("EmbeddingSize = 4096", error.Message);
        }
        finally
        {
            TrainingMemory.Limit = null;
        }
    }

    private sealed record Forged(int Channels, string Height, int Width);
}
