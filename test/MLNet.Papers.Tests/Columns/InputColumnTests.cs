using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNet.Papers.Codes;
using MLNet.Papers.Columns;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Elmo;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Series;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Columns;

/// <summary>A column is declared once: what is there and what is promised are judged alike.</summary>
[TestClass]
public sealed class InputColumnTests
{
    private const string Name = "Column";

    private static readonly ImageShape Shape = new(1, 2, 2);

    // One of each kind, and some that ask for more.
    private static readonly InputColumn[] Samples =
    [
        .. Repository.Rooms.SelectMany(room => Repository.Room(room).GetTypes())
            .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(InputColumn)))
            .Select(Simplest),
        new VectorColumn(Name) { Length = 4, Because = "Height × Width = 2 × 2" }, new VectorColumn(Name, Shape), new LabelColumn(Name, AllowsSeveral: true),
        new TargetColumn(Name) { Size = 4 }, new ImageColumn(Name, new(2, 1, 2)), new FeatureColumn(Name, Shape), new TokenVectorsColumn(Name, 4),
        new SeriesColumn(Name, Channels: 2), new SeriesColumn(Name, Symbols: 5), new SeriesColumn(Name, Symbols: 0), new CodeColumn(Name, 5, 4),
    ];

    private static readonly PrimitiveDataViewType[] Items =
    [
        TextDataViewType.Instance, BooleanDataViewType.Instance, NumberDataViewType.Single, NumberDataViewType.Double, NumberDataViewType.UInt32,
        DateTimeDataViewType.Instance,
        new KeyDataViewType(typeof(uint), 5), new KeyDataViewType(typeof(ulong), ulong.MaxValue), new KeyDataViewType(typeof(ulong), 5),
    ];

    private static readonly DataViewType[] Types =
    [
        .. Items, .. Items.SelectMany(item => new[] { 0, 4, 5 }.Select(length => new VectorDataViewType(item, length))),
        Singles(1, 2, 2), Singles(2, 2, 1), Singles(4, 1), Singles(0, 4), Singles(0, 5), new ImageDataViewType(), new ImageDataViewType(2, 2),
    ];

    public static IEnumerable<object[]> Columns => Samples.Select((sample, number) => new object[] { sample.GetType().Name, number });

    [TestMethod]
    public void Kinds_of_columns_are_found() => CollectionAssert.IsSubsetOf(
        new[] { typeof(TextColumn), typeof(LabelColumn), typeof(TargetColumn), typeof(SupervisionColumn) },
        Samples.Select(sample => sample.GetType()).ToArray());

    [TestMethod, DynamicData(nameof(Columns))]
    public void What_is_accepted_is_accepted_as_a_promise(string kind, int number)
    {
        foreach (DataViewType type in Types)
        {
            if (Refusal(schema => Samples[number].Require(schema), type) is null)
                Assert.IsNull(Refusal(schema => Samples[number].Require(SchemaShapes.Of(schema)), type), $"{kind} takes {type}, but not the promise of it.");
        }
    }

    // A promise knows neither lengths nor counts.
    [TestMethod, DynamicData(nameof(Columns))]
    public void What_is_accepted_as_a_promise_is_accepted_with_some_length_and_count(string kind, int number)
    {
        foreach (DataViewType type in Types.Where(type => Refusal(schema => Samples[number].Require(SchemaShapes.Of(schema)), type) is null))
        {
            bool isAccepted = Types.Any(other => IsPromisedAlike(type, other) && Refusal(schema => Samples[number].Require(schema), other) is null);
            Assert.IsTrue(isAccepted, $"{kind} takes the promise of {type}, but nothing that keeps it.");
        }
    }

    [TestMethod, DynamicData(nameof(Columns))]
    public void A_refusal_names_the_column_and_what_it_is(string kind, int number)
    {
        foreach (DataViewType type in Types)
        {
            if (Refusal(schema => Samples[number].Require(schema), type) is { } refused)
                AssertWords(refused, type is ImageDataViewType ? "mage" : type.ToString()!);
            if (Refusal(schema => Samples[number].Require(SchemaShapes.Of(schema)), type) is { } promise)
                AssertWords(promise, type is ImageDataViewType ? "mage" : SchemaShapes.TypeName(SchemaShapes.Of(Schema(type)).Single()));
        }

        void AssertWords(ArgumentOutOfRangeException refusal, string found)
        {
            Assert.IsNull(refusal.ParamName);
            StringAssert.StartsWith(refusal.Message, $"Column '{Name}' must be ", StringComparison.Ordinal, kind);
            Assert.Contains(found, refusal.Message[refusal.Message.IndexOf(", but is ", StringComparison.Ordinal)..], kind);
        }
    }

    [TestMethod, DynamicData(nameof(Columns))]
    public void A_missing_column_is_refused_with_those_that_are_there(string kind, int number)
    {
        DataViewSchema.Builder builder = new();
        builder.AddColumn("Other", TextDataViewType.Instance);
        DataViewSchema schema = builder.ToSchema();
        InputColumn column = Samples[number] with { Option = "SomeOptions.ColumnName" };
        foreach (Func<object> require in new Func<object>[] { () => column.Require(schema), () => column.Require(SchemaShapes.Of(schema)) })
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => require(), kind).Message;
            Assert.AreEqual($"Column '{Name}', which SomeOptions.ColumnName names, is missing; the columns are 'Other'.", message);
        }
    }

    // Rows to validate on are like those of training if they have the very same type.
    [TestMethod, DynamicData(nameof(Columns))]
    public void Rows_to_validate_on_must_be_like_those_of_training(string kind, int number)
    {
        foreach (DataViewType type in Types.Where(type => Refusal(schema => Samples[number].Require(schema), type) is null))
        {
            InputColumn like = Samples[number].Like(Schema(type)[0]);
            Assert.AreEqual(Name, like.Name);
            Assert.IsNull(Refusal(schema => like.Require(schema), type), $"{kind} does not take {type} for rows to validate on, which training has.");
            bool isSingles = type is VectorDataViewType { IsKnownSize: true } known && known.ItemType.Equals(NumberDataViewType.Single);
            if (isSingles && like is not (TokenVectorsColumn or TokenLabelColumn) && type is VectorDataViewType vector)
                Assert.IsNotNull(Refusal(schema => like.Require(schema), Singles(vector.Size + 1)), $"{kind} takes longer vectors than training has.");
        }
    }

    [TestMethod]
    public void Vectors_of_tokens_to_validate_on_are_as_long_as_those_of_training()
    {
        InputColumn like = new TokenVectorsColumn(Name).Like(Schema(Singles(0, 4))[0]);
        Assert.IsNull(Refusal(schema => like.Require(schema), Singles(0)));
        ArgumentOutOfRangeException? refusal = Refusal(schema => like.Require(schema), Singles(0, 5));
        Assert.AreEqual("Column 'Column' must be vectors of 4 values a token, but is Vector<Single, *, 5>.", refusal?.Message);
    }

    [TestMethod]
    public void Numbers_and_classes_are_of_different_kinds()
    {
        InputColumn like = new SupervisionColumn(Name).Like(Schema(NumberDataViewType.Single)[0]);
        ArgumentOutOfRangeException? refusal = Refusal(schema => like.Require(schema), TextDataViewType.Instance);
        Assert.AreEqual("Column 'Column' must be of the same kind in Validation as in training (Single), but is String.", refusal?.Message);
    }

    private static InputColumn Simplest(Type kind)
    {
        ConstructorInfo constructor = kind.GetConstructors().MinBy(candidate => candidate.GetParameters().Count(parameter => !parameter.HasDefaultValue))!;
        return (InputColumn)constructor.Invoke([.. constructor.GetParameters().Select(Value)]);

        static object? Value(ParameterInfo parameter) => parameter.HasDefaultValue ? parameter.DefaultValue
            : parameter.ParameterType == typeof(string) ? Name
            : parameter.ParameterType == typeof(ImageShape) ? Shape
            : null;
    }

    private static VectorDataViewType Singles(params int[] dimensions) => new(NumberDataViewType.Single, dimensions);

    private static bool IsPromisedAlike(DataViewType one, DataViewType other)
    {
        // A promise knows no size of pictures either.
        if (one is ImageDataViewType && other is ImageDataViewType)
            return true;
        SchemaShape.Column first = SchemaShapes.Of(Schema(one)).Single(), second = SchemaShapes.Of(Schema(other)).Single();
        return SchemaShapes.Fits(first, second) && SchemaShapes.Fits(second, first);
    }

    private static ArgumentOutOfRangeException? Refusal(Func<DataViewSchema, object> require, DataViewType type)
    {
        try
        {
            require(Schema(type));
            return null;
        }
        catch (ArgumentOutOfRangeException refusal)
        {
            return refusal;
        }
    }

    private static DataViewSchema Schema(DataViewType type)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(Name, type);
        return builder.ToSchema();
    }
}
