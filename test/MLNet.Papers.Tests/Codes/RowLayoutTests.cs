using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Codes;

/// <summary>What is said of rows: by hand, and the same in torch and by kernels.</summary>
[TestClass]
public sealed class RowLayoutTests
{
    [TestMethod]
    public void Categories_are_cut_out_of_a_row()
    {
        CollectionAssert.AreEqual(
            new SlotRange[] { new(0, 2, false), new(2, 3, true), new(5, 2, true), new(7, 1, false) }, SlotRange.Cut(8, [5, 6, 2, 4]));
        CollectionAssert.AreEqual(new SlotRange[] { new(0, 3, false) }, SlotRange.Cut(3, [1, 1]), "A category of one slot is a number.");
        CollectionAssert.AreEqual(new SlotRange[] { new(0, 2, true) }, SlotRange.Cut(2, [0, 1]));
    }

    // Numbers: ((1 - 0)² + (3 - 1)²); a category with logits 0 and 0: 2 ln 2. Three parts.
    [TestMethod]
    public void The_deviance_of_numbers_and_a_category_by_hand()
    {
        var layout = new RowLayout(4, null, SlotRange.Cut(4, [2, 3]), Likelihood.Gaussian, false, new([0, 0, 0, 0], [1, 1, 1, 1]));
        Assert.AreEqual((1 + 4 + (2 * Math.Log(2))) / 3, layout.Deviance([1, 3, 0, 0], [0, 1, 1, 0]), 1e-6);
    }

    // A logit of 0 says 1/2 of both: 2 ln 2. One of 2 says σ(2) = 0.880797 of 1: -2 ln 0.880797 = 0.253856.
    [TestMethod]
    public void The_deviance_of_numbers_from_0_to_1_by_hand()
    {
        var layout = new RowLayout(2, null, SlotRange.Cut(2, []), Likelihood.Bernoulli, false, new([0], [1]));
        Assert.AreEqual(((2 * Math.Log(2)) + 0.253856) / 2, layout.Deviance([0, 2], [0, 1]), 1e-6);
    }

    [TestMethod]
    public void What_is_missing_is_read_as_0_beside_an_input_that_says_so_and_has_no_part_in_the_deviance()
    {
        var layout = new RowLayout(4, null, SlotRange.Cut(4, [2, 3]), Likelihood.Gaussian, true, new([10, 20, 0, 0], [2, 5, 1, 1]));
        float[] prepared = new float[8];
        Assert.IsTrue(layout.Prepare([float.NaN, 25, float.NaN, 1], prepared));
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 0, 1, 0, 1, 1 }, prepared);
        Assert.AreEqual(4, layout.Deviance([9, 3, 5, -5], prepared), 1e-6);
        Assert.IsFalse(layout.Prepare([float.PositiveInfinity, 25, 0, 1], prepared));
        Assert.IsFalse((layout with { ReadsMissing = false }).Prepare([float.NaN, 25, 0, 1], prepared));
    }

    [TestMethod]
    public void A_row_of_which_nothing_is_there_deviates_by_nothing()
    {
        var layout = new RowLayout(2, null, SlotRange.Cut(2, []), Likelihood.Gaussian, true, new([0], [1]));
        float[] prepared = new float[4];
        Assert.IsTrue(layout.Prepare([float.NaN, float.NaN], prepared));
        Assert.AreEqual(0, layout.Deviance([9, 3], prepared));
    }

    [TestMethod]
    public void What_was_standardised_is_restored_in_its_unit_and_categories_as_probabilities()
    {
        var layout = new RowLayout(4, null, SlotRange.Cut(4, [2, 3]), Likelihood.Gaussian, false, new([-10, 1000, 0, 0], [2, 500, 1, 1]));
        float[] prepared = new float[4], restored = new float[4];
        Assert.IsTrue(layout.Prepare([-13, 250, 1, 0], prepared));
        CollectionAssert.AreEqual(new[] { -1.5f, -1.5f, 1, 0 }, prepared);
        layout.Restore([-1.5f, -1.5f, 0, 0], restored);
        CollectionAssert.AreEqual(new[] { -13, 250, 0.5f, 0.5f }, restored);
    }

    [TestMethod]
    [DataRow(Likelihood.Gaussian, true)]
    [DataRow(Likelihood.Gaussian, false)]
    [DataRow(Likelihood.Bernoulli, true)]
    [DataRow(Likelihood.Bernoulli, false)]
    public void Torch_and_kernels_agree(Likelihood likelihood, bool hasMissing)
    {
        using DisposeScope scope = NewDisposeScope();
        const int Rows = 7, Size = 9;
        var random = new Random(2);
        StandardScale scale = likelihood == Likelihood.Bernoulli ? new([0], [1])
            : new(
                [.. Enumerable.Range(0, Size).Select(i => i is >= 3 and < 6 ? 0.0 : i)],
                [.. Enumerable.Range(0, Size).Select(i => i is >= 3 and < 6 ? 1.0 : 1 + i)]);
        var layout = new RowLayout(Size, null, SlotRange.Cut(Size, [3, 5]), likelihood, hasMissing, scale);
        float[] rows = new float[Rows * Size], outputs = [.. Enumerable.Range(0, Rows * Size).Select(_ => (4 * random.NextSingle()) - 2)];
        float[] prepared = new float[Rows * layout.InputSize], expected = new float[Rows];
        for (int row = 0; row < Rows; row++)
        {
            float[] values = [.. Enumerable.Range(0, Size).Select(_ => random.NextSingle())];
            values.AsSpan(3, 3).Clear();
            if (row > 0)
                values[3 + (row % 3)] = 1;
            if (hasMissing && row % 2 == 0)
                (values[row], values[8]) = (float.NaN, float.NaN);
            Span<float> standard = rows.AsSpan(row * Size, Size), own = prepared.AsSpan(row * layout.InputSize, layout.InputSize);
            Assert.IsTrue(layout.Prepare(values, own));
            layout.Standardize(values, standard);
            layout.SpreadMissing(standard);
            float[] again = new float[layout.InputSize];
            layout.Read(standard, again);
            CollectionAssert.AreEqual(own.ToArray(), again);
            expected[row] = layout.Deviance([.. outputs.AsSpan(row * Size, Size)], own);
        }

        var loss = new RowLoss(layout);
        Tensor batch = tensor(rows, [Rows, Size]);
        CollectionAssert.AreEqual(prepared, loss.Inputs(batch).contiguous().data<float>().ToArray());
        float[] actual = [.. loss.Deviance(tensor(outputs, [Rows, Size]), batch).data<float>()];
        for (int row = 0; row < Rows; row++)
            Assert.AreEqual(expected[row], actual[row], 1e-5 * Math.Abs(expected[row]), $"row {row}");
    }

    [TestMethod]
    public void What_is_missing_sends_no_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        var layout = new RowLayout(3, null, SlotRange.Cut(3, []), Likelihood.Gaussian, true, new([0, 0, 0], [1, 1, 1]));
        Tensor outputs = zeros([1, 3], requires_grad: true);
        new RowLoss(layout).Deviance(outputs, tensor(new[,] { { 1f, float.NaN, 3 } })).sum().backward();
        CollectionAssert.AreEqual(new float[] { -1, 0, -3 }, outputs.grad!.data<float>().ToArray());
    }
}
