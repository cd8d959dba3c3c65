using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.FastText;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Catalog methods have the parameters of ML.NET's own, in their order.</summary>
[TestClass]
public sealed class CatalogTests
{
    private const string Input = "inputColumnName", Output = "outputColumnName";

    private readonly List<string> _read = [];

    private static MethodInfo[] Methods { get; } =
    [
        .. from room in Repository.Rooms
           from type in Repository.Room(room).GetExportedTypes()
           where type.Namespace == "Microsoft.ML"
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static)
           where method.IsDefined(typeof(ExtensionAttribute))
           select method,
    ];

    // Trainers have no output that could be named: their columns have ML.NET's names, or the technique's.
    private static IEnumerable<MethodInfo> Transforming =>
        Methods.Where(method => !method.GetParameters()[0].ParameterType.Name.EndsWith("Trainers", StringComparison.Ordinal));

    [TestMethod]
    public void The_input_column_may_be_left_out_wherever_nothing_needed_stands_behind_it()
    {
        Assert.IsGreaterThan(5, Transforming.Count(method => method.GetParameters().Any(parameter => parameter.Name == Input)));
        foreach (MethodInfo method in Transforming)
        {
            ParameterInfo[] parameters = method.GetParameters();
            if (parameters.SingleOrDefault(parameter => parameter.Name == Input) is not { } input)
                continue;
            Assert.AreEqual(NullabilityState.Nullable, new NullabilityInfoContext().Create(input).WriteState, $"{method.Name}: null is the output's name.");
            Assert.AreEqual(Output, parameters[input.Position - 1].Name, $"{method.Name}: the output's name comes before the input's.");
            bool isLast = parameters.Skip(input.Position + 1).All(parameter => parameter.IsOptional);
            Assert.AreEqual(isLast, input.IsOptional, $"{method.Name}: the input's name may be left out.");
        }
    }

    [TestMethod]
    public void Options_may_be_left_out_and_stand_behind_all_that_may_not()
    {
        foreach (MethodInfo method in Methods)
        {
            foreach (ParameterInfo options in method.GetParameters().Where(parameter => parameter.ParameterType.IsSubclassOf(typeof(TechniqueOptions))))
                Assert.IsTrue(options.IsOptional, $"{method.Name}: options may be left out.");
        }
    }

    [TestMethod]
    public void Without_an_input_column_the_output_has_the_name_of_what_is_read()
    {
        var ml = new MLContext(seed: 1);
        TransformsCatalog.TextTransforms texts = ml.Transforms.Text;
        FastTextModel words = FastTextModel.Load(new MemoryStream("1 2\nword 1 2\n"u8.ToArray()));
        AssertReads(
            ml.Transforms.AddCoordinateChannels("X", null, 1, 8, 8), NumberDataViewType.Single, nameof(CoordinateChannelsCatalog.AddCoordinateChannels));
        AssertReads(
            ml.Transforms.FeaturizeImageWithCoordConv("X", options: new() { ImageShape = new(1, 8, 8) }), NumberDataViewType.Single,
            nameof(CoordConvFeaturizerCatalog.FeaturizeImageWithCoordConv));
        AssertReads(ml.Transforms.FeaturizeWithCactus("X"), NumberDataViewType.Single, nameof(CactusCatalog.FeaturizeWithCactus));
        AssertReads(
            ml.Transforms.FeaturizeWithVectorQuantizedAutoencoder("X"), NumberDataViewType.Single,
            nameof(VectorQuantizedAutoencoderCatalog.FeaturizeWithVectorQuantizedAutoencoder));
        AssertReads(
            ml.Transforms.FeaturizeWithFlowAutoencoder("X"), NumberDataViewType.Single,
            nameof(FlowAutoencoderCatalog.FeaturizeWithFlowAutoencoder));
        AssertReads(
            ml.Transforms.FeaturizeWithBidirectionalGan("X"), NumberDataViewType.Single, nameof(BidirectionalGanCatalog.FeaturizeWithBidirectionalGan));
        AssertReads(texts.FeaturizeTextWithFastText("X"), TextDataViewType.Instance, nameof(FastTextCatalog.FeaturizeTextWithFastText));
        AssertReads(texts.FeaturizeTextWithElmo("X"), TextDataViewType.Instance, nameof(ElmoCatalog.FeaturizeTextWithElmo));
        AssertReads(texts.FeaturizeTextWithBert("X"), TextDataViewType.Instance, nameof(BertPretrainingCatalog.FeaturizeTextWithBert));
        AssertReads(texts.FeaturizeTextWithCoVe("X"), TextDataViewType.Instance, nameof(CoVeCatalog.FeaturizeTextWithCoVe), "Target");
        AssertReads(texts.Translate("X"), TextDataViewType.Instance, nameof(TranslationCatalog.Translate), "Target");
        AssertReads(texts.TokenizeIntoWordPieces("X"), TextDataViewType.Instance, nameof(WordPieceCatalog.TokenizeIntoWordPieces));
        AssertReads(texts.ApplyFastText("X", null, words), TextDataViewType.Instance, nameof(FastTextPretrainedCatalog.ApplyFastText));
        // The models of the others are files, or were trained.
        string[] known =
        [
            nameof(ElmoCatalog.ApplyElmo),
            nameof(CoVeCatalog.ApplyTranslation),
            nameof(MaskedWordCatalog.PredictMaskedWords),
            nameof(PublishedBertCatalog.ApplyBert),
            nameof(WordPieceCatalog.ApplyWordPieces),
            .. _read,
        ];
        foreach (MethodInfo method in Transforming.Where(method => method.GetParameters().Any(parameter => parameter.Name == Input)))
            CollectionAssert.Contains(known, method.Name);
    }

    [TestMethod]
    public void A_column_can_be_replaced_by_what_is_made_of_it()
    {
        var ml = new MLContext(seed: 1);
        var rows = new MemoryView([SmallCorpus.Texts(30)]);
        FastTextOptions options = new() { Dimension = 4, MinCount = 1, Buckets = 10 };
        using FastTextTransformer apart = ml.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", options).Fit(rows),
            inPlace = ml.Transforms.Text.FeaturizeTextWithFastText("Text", options: options).Fit(rows);
        float[][] expected = [.. apart.Transform(rows).GetColumn<float[]>("Vector")], found = [.. inPlace.Transform(rows).GetColumn<float[]>("Text")];
        for (int row = 0; row < expected.Length; row++)
            CollectionAssert.AreEqual(expected[row], found[row]);
    }

    private void AssertReads(IEstimator<ITransformer> estimator, DataViewType item, string method, params string[] others)
    {
        DataViewSchema.Column[] columns = [.. Columns("X")], without = [.. Columns("Y")];
        Assert.AreEqual("X", estimator.GetOutputSchema(SchemaOf(columns)).Select(column => column.Name).Single(name => name == "X"));
        Exception refusal = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(SchemaOf(without)));
        Assert.Contains("'X'", refusal.Message);
        _read.Add(method);

        IEnumerable<DataViewSchema.Column> Columns(string name)
        {
            var builder = new DataViewSchema.Builder();
            builder.AddColumn(name, item is TextDataViewType ? item : new VectorDataViewType((PrimitiveDataViewType)item, 64));
            foreach (string other in others)
                builder.AddColumn(other, item);
            return builder.ToSchema();
        }

        static SchemaShape SchemaOf(DataViewSchema.Column[] columns)
        {
            var builder = new DataViewSchema.Builder();
            builder.AddColumns(columns.Select(column => new DataViewSchema.DetachedColumn(column)));
            return MLNet.Papers.Interop.SchemaShapes.Of(builder.ToSchema());
        }
    }
}
