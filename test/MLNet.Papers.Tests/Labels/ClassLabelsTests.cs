using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Labels;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Persistence;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.Labels;

[TestClass]
public sealed class ClassLabelsTests
{
    [TestMethod]
    public void The_values_of_a_key_name_its_classes()
    {
        AssertNames(HandWrittenColumn.Keys("Label", [1], "ä", "b c", ""), TextDataViewType.Instance, "ä", "b c", "");
        AssertNames(HandWrittenColumn.Keys("Label", [1], NumberDataViewType.Single, [0.1f, -2, 1e20f]), NumberDataViewType.Single, "0.1", "-2", "1E+20");
        AssertNames(HandWrittenColumn.Keys("Label", [1], NumberDataViewType.Int64, [long.MinValue, 0]), NumberDataViewType.Int64, "-9223372036854775808", "0");
        AssertNames(HandWrittenColumn.Keys("Label", [1], BooleanDataViewType.Instance, [false, true]), BooleanDataViewType.Instance, "False", "True");
    }

    [TestMethod]
    public void A_key_without_values_has_its_numbers_as_names()
    {
        AssertNames(HandWrittenColumn.Keys("Label", [3]), TextDataViewType.Instance, "1", "2", "3");
        AssertNames(
            HandWrittenColumn.Keys("Label", [1], DateTimeDataViewType.Instance, [DateTime.UnixEpoch, DateTime.UnixEpoch]), TextDataViewType.Instance, "1", "2");
    }

    [TestMethod]
    public void A_class_is_added_at_the_end()
    {
        var labels = new ClassLabels(NumberDataViewType.Int32, ["5", "3"]);
        ClassLabels more = labels.With("4");
        CollectionAssert.AreEqual(new[] { "5", "3", "4" }, more.Names.ToArray());
        CollectionAssert.AreEqual(new[] { "5", "3" }, labels.Names.ToArray());
        CollectionAssert.AreEqual(new[] { 5, 3, 4 }, KeyValues<int>(more));
    }

    [TestMethod]
    public void A_class_that_exists_is_refused() => AssertRefused("The class 'a' exists already.", () => Text("a", "b").With("a"));

    [TestMethod]
    public void A_value_of_another_spelling_is_the_same_class()
    {
        AssertRefused("The class '1' exists already.", () => new ClassLabels(NumberDataViewType.Int32, ["1", "2"]).With("01"));
        AssertRefused("The class '1' exists already.", () => new ClassLabels(NumberDataViewType.Single, ["1", "2"]).With("1.0"));
        AssertRefused("The class 'True' exists already.", () => new ClassLabels(BooleanDataViewType.Instance, ["True"]).With("true"));
        CollectionAssert.AreEqual(new[] { "1", "2.5" }, new ClassLabels(NumberDataViewType.Single, ["1"]).With("2.50").Names.ToArray());
        CollectionAssert.AreEqual(new[] { "1", "01" }, Text("1").With("01").Names.ToArray());
    }

    [TestMethod]
    public void A_name_that_is_no_value_of_the_type_is_refused()
    {
        AssertRefused("The classes of this model are values of Int32; 'oak' is none.", () => new ClassLabels(NumberDataViewType.Int32, ["1"]).With("oak"));
        AssertRefused("The classes of this model are values of Byte; '256' is none.", () => new ClassLabels(NumberDataViewType.Byte, ["1"]).With("256"));
        AssertRefused("The classes of this model are values of Boolean; '1' is none.", () => new ClassLabels(BooleanDataViewType.Instance, ["True"]).With("1"));
    }

    [TestMethod]
    public void A_class_is_found_by_its_name()
    {
        ClassLabels labels = Text("a", "b", "c");
        Assert.AreEqual(1, labels.IndexOf("b"));
        CollectionAssert.AreEqual(new[] { "a", "c" }, labels.Without(1).Names.ToArray());
        AssertRefused("There is no class 'd'; the classes are 'a', 'b', 'c'.", () => labels.IndexOf("d"));
        AssertRefused(
            "There is no class 'x'; the classes are '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16', '17', '18', " +
            "'19', '20', ….",
            () => Text([.. Enumerable.Range(1, 21).Select(i => $"{i}")]).IndexOf("x"));
    }

    [TestMethod]
    public void Classes_of_every_type_come_back_from_a_model()
    {
        ClassLabels[] all =
        [
            Text("ä", "", "b\nc"), new(BooleanDataViewType.Instance, ["False", "True"]), new(NumberDataViewType.SByte, ["-128"]),
            new(NumberDataViewType.Byte, ["255"]),
            new(NumberDataViewType.Int16, ["-32768"]), new(NumberDataViewType.UInt16, ["65535"]), new(NumberDataViewType.Int32, ["-1"]),
            new(NumberDataViewType.UInt32, ["4294967295"]),
            new(NumberDataViewType.Int64, ["-1"]), new(NumberDataViewType.UInt64, ["18446744073709551615"]),
            new(NumberDataViewType.Single, ["0.1", "NaN", "-Infinity"]),
            new(NumberDataViewType.Double, ["0.1", "1E-300"]),
        ];
        foreach (ClassLabels labels in all)
        {
            byte[] model = ModelRoundTripTests.Bytes(writer => labels.Write(writer, "labels"));
            ClassLabels back = ClassLabels.Read(new ModelReader(new MemoryStream(model)), "labels");
            Assert.AreEqual(labels.ItemType, back.ItemType);
            CollectionAssert.AreEqual(labels.Names.ToArray(), back.Names.ToArray());
        }
    }

    [TestMethod]
    [DataRow("""{"Type":"DateTime","Names":["a"]}""", "Block 'labels' names the type 'DateTime'.")]
    [DataRow("""{"Type":"String","Names":[]}""", "Block 'labels' has no classes or one of them twice.")]
    [DataRow("""{"Type":"String","Names":["a","b","a"]}""", "Block 'labels' has no classes or one of them twice.")]
    [DataRow("""{"Type":"Int32","Names":["1","x"]}""", null)]
    [DataRow("""{"Type":"Byte","Names":["1","256"]}""", "Block 'labels' has a class that is not a value of Byte.")]
    [DataRow("""{"Type":"Boolean","Names":["maybe"]}""", null)]
    [DataRow("""{"Type":"String","Names":["a",null]}""", null)]
    [DataRow("""{"Type":"Int32","Names":["1",null]}""", null)]
    [DataRow("""{"Type":"String","Names":null}""", null)]
    [DataRow("""{"Type":"String"}""", null)]
    [DataRow("""{"Names":["a"]}""", null)]
    [DataRow("{}", null)]
    public void Classes_that_are_none_are_refused(string json, string? message)
    {
        var reader = new ModelReader(new MemoryStream(new ForgedModel().Json("labels", json).Ended()));
        var exception = Assert.ThrowsExactly<FormatException>(() => ClassLabels.Read(reader, "labels"));
        if (message is not null)
            Assert.AreEqual(message, exception.Message);
    }

    private static ClassLabels Text(params string[] names) => new(TextDataViewType.Instance, names);

    private static T[] KeyValues<T>(ClassLabels labels)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        labels.AddKeyValues(builder);
        VBuffer<T> values = default;
        builder.ToAnnotations().GetValue("KeyValues", ref values);
        return [.. values.DenseValues()];
    }

    private static void AssertNames(HandWrittenColumn column, DataViewType type, params string[] names)
    {
        ClassLabels labels = ClassLabels.Of(new HandWrittenView(column).Schema["Label"]);
        Assert.AreEqual(type, labels.ItemType);
        CollectionAssert.AreEqual(names, labels.Names.ToArray());
    }

    private static void AssertRefused(string message, Action action)
    {
        var exception = Assert.ThrowsExactly<ArgumentException>(action);
        StringAssert.StartsWith(exception.Message, message, StringComparison.Ordinal);
    }
}
