using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Training;

/// <summary>What is held out to validate on leaves every class something to learn from.</summary>
[TestClass]
public sealed class ValidationSplitTests
{
    private const int Rows = 40;

    // One row of class 2, two of class 1, and one without a class.
    private static int ClassOf(int row) => row switch
    {
        7 => 2,
        11 or 30 => 1,
        20 => -1,
        _ => 0,
    };

    [TestMethod]
    public void The_last_row_of_a_class_is_trained_on()
    {
        var heldOfTwo = new HashSet<int>();
        bool holdsUnlabelled = false;
        for (int seed = 0; seed < 100; seed++)
        {
            ValidationSplit split = ValidationSplit.Draw(Rows, 0.5, seed, ClassOf);
            Assert.HasCount(Rows / 2, split.Validation, $"seed {seed}");
            CollectionAssert.AreEqual(Enumerable.Range(0, Rows).ToArray(), split.Training.Concat(split.Validation).Order().ToArray());
            CollectionAssert.IsSubsetOf(new[] { 0, 1, 2 }, split.Training.Select(ClassOf).ToArray(), $"seed {seed}");
            heldOfTwo.UnionWith(split.Validation.Where(row => ClassOf(row) == 1));
            holdsUnlabelled |= split.Validation.Contains(20);
        }

        // Nothing else is kept back.
        CollectionAssert.AreEquivalent(new[] { 11, 30 }, heldOfTwo.ToArray());
        Assert.IsTrue(holdsUnlabelled);
    }

    [TestMethod]
    public void Where_no_class_would_be_lost_the_rows_are_those_that_are_drawn_without_classes()
    {
        ValidationSplit plain = ValidationSplit.Draw(Rows, 0.25, seed: 3), split = ValidationSplit.Draw(Rows, 0.25, seed: 3, row => row % 2);
        CollectionAssert.AreEqual(plain.Training, split.Training);
        CollectionAssert.AreEqual(plain.Validation, split.Validation);
    }

    [TestMethod]
    public void Where_all_classes_have_one_row_there_is_nothing_to_hold_out()
    {
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => ValidationSplit.Draw(4, 0.5, seed: 1, row => row));
        Assert.Contains("ValidationFraction is 0.5, but each class has only 1 of the 4 rows", error.Message);
    }

    // A network that was never shown the row of the second class would not name it.
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void A_class_of_one_row_is_learned_whatever_is_held_out(int seed)
    {
        var ml = new MLContext(seed);
        float[][] vectors = [.. Enumerable.Range(0, 12).Select(row => row == 5 ? new float[] { 4, -4 } : [-1, 1 + (row * 0.01f)])];
        MemoryView rows = new(
            [
                MemoryColumn.Vectors("Features", vectors),
                MemoryColumn.Keys("Label", [.. Enumerable.Range(0, 12).Select(row => row == 5 ? 2u : 1u)], "common", "rare"),
            ]);
        using BornAgainNetworkTransformer model = ml.MulticlassClassification.Trainers.BornAgainNetwork(
            options: new()
            {
                ValidationFraction = 0.8,
                Generations = 1,
                Epochs = 40,
                HiddenUnits = [8],
                Output = BornAgainOutput.Last,
                LearningRate = 0.02,
            }).Fit(rows);
        Assert.AreEqual(1, ml.MulticlassClassification.Evaluate(model.Transform(rows)).MicroAccuracy);
    }
}
