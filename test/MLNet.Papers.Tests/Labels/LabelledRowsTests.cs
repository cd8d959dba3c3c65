using System.Globalization;
using Microsoft.ML.Data;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.Labels;

[TestClass]
public sealed class LabelledRowsTests
{
    private static readonly FeatureColumn Values = new("Features", Image: null);

    [TestMethod]
    public void A_key_keeps_its_order_and_its_classes_without_rows()
    {
        AssertRead(HandWrittenColumn.Keys("Label", [3, 1, 0, 3], "c", "b", "a"), ["c", "b", "a"], [2, 0, -1, 2]);
        AssertRead(HandWrittenColumn.Keys("Label", [2, 1, 0, 2], NumberDataViewType.Single, [7f, 5f, 6f]), ["7", "5", "6"], [1, 0, -1, 1]);
        AssertRead(HandWrittenColumn.Keys("Label", [3, 1, 0, 3]), ["1", "2", "3"], [2, 0, -1, 2]);
    }

    [TestMethod]
    public void Values_become_classes_in_their_own_order()
    {
        AssertRead(HandWrittenColumn.Text("Label", "b", "a", "", "b"), ["a", "b"], [1, 0, -1, 1]);
        AssertRead(Column<float>(NumberDataViewType.Single, 10, 9.5f, float.NaN, 10), ["9.5", "10"], [1, 0, -1, 1]);
        AssertRead(Column<double>(NumberDataViewType.Double, 10, -9.5, double.NaN, 10), ["-9.5", "10"], [1, 0, -1, 1]);
        AssertRead(Column<int>(NumberDataViewType.Int32, 10, 9, -1, 10), ["-1", "9", "10"], [2, 1, 0, 2]);
        AssertRead(Column<ulong>(NumberDataViewType.UInt64, 10, 9, ulong.MaxValue, 10), ["9", "10", "18446744073709551615"], [1, 0, 2, 1]);
        AssertRead(Column<byte>(NumberDataViewType.Byte, 10, 9, 1, 10), ["1", "9", "10"], [2, 1, 0, 2]);
        AssertRead(Column<bool>(BooleanDataViewType.Instance, true, false, false, true), ["False", "True"], [1, 0, 0, 1]);
    }

    [TestMethod]
    public void A_key_of_any_width_is_read()
    {
        AssertRead(HandWrittenColumn.Of<byte>("Label", new KeyDataViewType(typeof(byte), 2), [2, 1, 0, 2]), ["1", "2"], [1, 0, -1, 1]);
        AssertRead(HandWrittenColumn.Of<ushort>("Label", new KeyDataViewType(typeof(ushort), 2), [2, 1, 0, 2]), ["1", "2"], [1, 0, -1, 1]);
        AssertRead(HandWrittenColumn.Of<ulong>("Label", new KeyDataViewType(typeof(ulong), 2), [2, 1, 0, 2]), ["1", "2"], [1, 0, -1, 1]);
    }

    [TestMethod]
    public void Rows_are_listed_for_each_class_in_their_order()
    {
        LabelledRows rows = LabelledRows.Read(
            new HandWrittenView(Features([1], [2], [3], [4], [5]), HandWrittenColumn.Keys("Label", [3, 1, 0, 3, 3], "a", "b", "c")), Values, "Label");
        // The third row has no label and is left out: what is left is numbered anew.
        CollectionAssert.AreEqual(new float[] { 1, 2, 4, 5 }, rows.Features);
        Assert.AreEqual((4, 1, 1), (rows.Count, rows.WithoutLabel, rows.Size));
        Assert.AreEqual("[1] [] [0 2 3]", string.Join(" ", rows.RowsByClass().Select(members => $"[{string.Join(" ", members)}]")));
    }

    [TestMethod]
    public void A_row_without_a_label_may_have_any_features()
    {
        LabelledRows rows = LabelledRows.Read(
            new HandWrittenView(Features([1], [float.NaN]), HandWrittenColumn.Keys("Label", [1, 0], "a")), Values, "Label");
        Assert.AreEqual((1, 1), (rows.Count, rows.WithoutLabel));
    }

    [TestMethod]
    public void Sparse_features_are_filled_with_zeros()
    {
        HandWrittenColumn features = HandWrittenColumn.Of<VBuffer<float>>(
            "Features", new VectorDataViewType(NumberDataViewType.Single, 3), [new(3, [1, 2, 3]), new(3, 1, [9], [1])]);
        LabelledRows rows = LabelledRows.Read(new HandWrittenView(features, HandWrittenColumn.Keys("Label", [1, 2])), Values, "Label");
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 0, 9, 0 }, rows.Features);
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.PositiveInfinity, "Infinity")]
    [DataRow(float.NegativeInfinity, "-Infinity")]
    public void A_feature_that_is_not_finite_is_named_with_its_row(float value, string text)
    {
        string message = $"Column 'Features' must be finite, but has {text} in row 1. Replace or drop such values first (ReplaceMissingValues).";
        var view = new HandWrittenView(Features([1, 2], [3, value]), HandWrittenColumn.Keys("Label", [1, 2]));
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(() => LabelledRows.Read(view, Values, "Label")).Message);
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(() => LabelledRows.ReadFeatures(view, Values)).Message);
    }

    [TestMethod]
    public void A_message_does_not_depend_on_the_culture()
    {
        CultureInfo former = CultureInfo.CurrentCulture;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NaNSymbol = "kein Wert";
        CultureInfo.CurrentCulture = culture;
        try
        {
            A_feature_that_is_not_finite_is_named_with_its_row(float.NaN, "NaN");
        }
        finally
        {
            CultureInfo.CurrentCulture = former;
        }
    }

    [TestMethod]
    public void No_rows_are_no_error()
    {
        Assert.AreEqual(0, Read(HandWrittenColumn.Of<uint>("Label", new KeyDataViewType(typeof(uint), 3), [])).Count);
        Assert.AreEqual(0, Read(HandWrittenColumn.Text("Label")).Count);
        Assert.AreEqual(0, Read(Column<float>(NumberDataViewType.Single)).Count);

        static LabelledRows Read(HandWrittenColumn label) => LabelledRows.Read(new HandWrittenView(Features(), label), Values, "Label");
    }

    [TestMethod]
    public void A_label_of_another_type_is_refused()
    {
        AssertRefused(Column<DateTime>(DateTimeDataViewType.Instance, DateTime.UnixEpoch), "DateTime");
        AssertRefused(HandWrittenColumn.Vectors("Label", [1, 2]), "Vector<Single, 2>");
        AssertRefused(HandWrittenColumn.Of<ulong>("Label", new KeyDataViewType(typeof(ulong), 1UL << 40), [1]), "Key<UInt64, 0-1099511627775>");
    }

    [TestMethod]
    public void A_missing_label_column_is_named()
    {
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LabelledRows.Read(new HandWrittenView(Features([1])), Values, "Label"));
        StringAssert.StartsWith(exception.Message, "Column 'Label' is missing; the columns are 'Features'.", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_check_is_made_for_every_row()
    {
        int checks = 0;
        LabelledRows.Read(new HandWrittenView(Features([1], [2], [3]), HandWrittenColumn.Keys("Label", [1, 0, 2])), Values, "Label", () => checks++);
        Assert.AreEqual(3, checks);
    }

    [TestMethod]
    public void A_key_is_read_in_one_pass_and_a_value_in_two()
    {
        var keys = new HandWrittenView(Features([1], [2]), HandWrittenColumn.Keys("Label", [1, 2]));
        LabelledRows.Read(keys, Values, "Label");
        Assert.AreEqual((2, 1), (keys.Moves, keys.Disposed));
        var texts = new HandWrittenView(Features([1], [2]), HandWrittenColumn.Text("Label", "a", "b"));
        LabelledRows.Read(texts, Values, "Label");
        Assert.AreEqual(4, texts.Moves);
        Assert.AreEqual(texts.Cursors, texts.Disposed);
    }

    private static HandWrittenColumn<VBuffer<float>> Features(params float[][] rows) => HandWrittenColumn.Vectors("Features", rows);

    private static HandWrittenColumn<T> Column<T>(DataViewType type, params T[] values) => HandWrittenColumn.Of<T>("Label", type, values);

    // Four rows; -1 stands for a label that is missing.
    private static void AssertRead(HandWrittenColumn label, string[] names, int[] classes)
    {
        LabelledRows rows = LabelledRows.Read(new HandWrittenView(Features([1], [2], [3], [4]), label), Values, "Label");
        CollectionAssert.AreEqual(names, rows.Labels.Names.ToArray(), label.Type.ToString());
        CollectionAssert.AreEqual(classes.Where(index => index >= 0).ToArray(), rows.Classes, label.Type.ToString());
        Assert.AreEqual(classes.Count(index => index < 0), rows.WithoutLabel, label.Type.ToString());
    }

    private static void AssertRefused(HandWrittenColumn label, string type)
    {
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => LabelledRows.Read(new HandWrittenView(Features([1]), label), Values, "Label"));
        StringAssert.StartsWith(
            exception.Message, $"Column 'Label' must be a key of known count, a text, a number or a Boolean, but is {type}.", StringComparison.Ordinal);
    }
}
