using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>A .zip can name only models of this package, and what it says of them is checked before it is believed.</summary>
[TestClass]
public sealed class ModelPersistenceTests
{
    private const string OwnAssembly = "MLNet.Papers.Transforms";
    private const string OwnContract = "PrototypicalNetwork";

    [TestMethod]
    public void A_model_says_where_its_type_lives()
    {
        byte[] file = Saved();
        Assert.IsTrue(ModelFile.Entries(file).Values.Any(content => Contains(content, OwnAssembly) && Contains(content, OwnContract)));
        Assert.IsInstanceOfType<PrototypicalNetworkTransformer>(ModelFile.Load(file));
    }

    // This assembly is on every machine with .NET, but nothing here uses it.
    [TestMethod]
    public void A_foreign_assembly_is_not_loaded() => AssertRefused(
        Renamed(OwnAssembly, "System.Net.HttpListener"),
        "The model file names the model 'PrototypicalNetwork' of 'System.Net.HttpListener', which this version of MLNet.Papers does not know.");

    [TestMethod]
    [DataRow("MLNet.Papers.Travellers")]   // of ours, but there is no such room
    [DataRow("MLNet.Papers.Estimators")]   // a room, but without this model
    [DataRow("MLNet.Papers.a,Culture=")]   // more than a simple name
    [DataRow("MLNet.Papers/../x/y.dll")]
    [DataRow("mlnet.papers.transforms")]
    public void An_assembly_without_the_model_is_refused(string assembly) => AssertRefused(
        Renamed(OwnAssembly, assembly),
        $"The model file names the model 'PrototypicalNetwork' of '{assembly}', which this version of MLNet.Papers does not know.");

    [TestMethod]
    public void An_unknown_contract_is_refused() => AssertRefused(
        Renamed(OwnContract, "PrototypicalNetwerk"),
        "The model file names the model 'PrototypicalNetwerk' of 'MLNet.Papers.Transforms', which this version of MLNet.Papers does not know.");

    [TestMethod]
    public void A_model_without_weights_is_refused()
    {
        SortedDictionary<string, byte[]> entries = ModelFile.Entries(Saved());
        entries.Remove(ModelFile.WeightsEntry(entries));
        AssertRefused(ModelFile.Pack(entries), "The model file holds no 'Weights' for 'PrototypicalNetwork'.");
    }

    [TestMethod]
    public void A_transformer_that_is_not_declared_cannot_be_saved()
    {
        var ml = new MLContext();
        using var undeclared = new Undeclared(Host.EnvironmentOf(ml.Transforms));
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => ml.Model.Save(undeclared, inputSchema: null, new MemoryStream()));
        Assert.AreEqual($"{typeof(Undeclared)} cannot be saved: its assembly declares no LoadableModel for it.", exception.Message);
    }

    [TestMethod]
    public void A_forged_model_that_is_sound_is_read()
    {
        var transformer = (PrototypicalNetworkTransformer)ModelFile.Load(Forged());
        CollectionAssert.AreEqual(new[] { "left", "right" }, transformer.Prototypes.Select(prototype => prototype.ClassName).ToArray());
        CollectionAssert.AreEqual(new[] { "right" }, Rows.Predicted(transformer.Transform(new HandWrittenView(HandWrittenColumn.Vectors("Features", [2, 0])))));
    }

    [TestMethod]
    [DataRow("\"InputSize\":2", "\"InputSize\":0", "Block 'options' describes no network: InputSize is 0.")]
    [DataRow("\"InputSize\":2", "\"InputSize\":3", "Block 'layers.0.weight' has the shape [2, 2], but must have [2, 3].")]
    [DataRow("\"InputSize\":2,", "", null)]
    [DataRow("\"EmbeddingSize\":2", "\"EmbeddingSize\":1073741824", "Block 'options' describes no network: a layer has no units or too many.")]
    [DataRow("\"EmbeddingSize\":2", "\"EmbeddingSize\":\"2\"", null)]
    [DataRow("\"HiddenUnits\":[]", "\"HiddenUnits\":null", null)]
    [DataRow("\"HiddenUnits\":[]", "\"HiddenUnits\":[5]", "Block 'layers.0.weight' has the shape [2, 2], but must have [5, 2].")]
    [DataRow(
        "\"ImageShape\":null", "\"ImageShape\":{\"Channels\":1,\"Height\":1,\"Width\":1}",
        "Block 'options' describes no network: the image 1 × 1 × 1 does not have InputSize = 2 values.")]
    [DataRow("\"ImageShape\":null", "\"ImageShape\":{}", null)]
    [DataRow("\"Distance\":0", "\"Distance\":2", "Block 'options' names the distance 2.")]
    [DataRow("\"Distance\":0,", "", null)]
    [DataRow("\"Temperature\":1", "\"Temperature\":0", "Block 'options' has the temperature 0.")]
    [DataRow("\"Temperature\":1", "\"Temperature\":-1", "Block 'options' has the temperature -1.")]
    [DataRow("\"FeatureColumnName\":\"Features\"", "\"FeatureColumnName\":null", null)]
    [DataRow("\"LabelColumnName\":\"Label\"", "\"LabelColumnName\":null", null)]
    [DataRow("\"LabelColumnName\":\"Label\"", "\"LabelColumnName\":\"Label\",\"Colour\":1", null)]
    public void Options_that_describe_no_model_are_refused(string original, string forged, string? message)
    {
        StringAssert.Contains(Options, original, StringComparison.Ordinal);
        AssertRefused(Forged(options: Options.Replace(original, forged, StringComparison.Ordinal)), message);
    }

    [TestMethod]
    public void Blocks_that_do_not_fit_each_other_are_refused()
    {
        AssertRefused(
            Forged(labels: """{"Type":"String","Names":["left","middle","right"]}"""), "Block 'prototypes' has the shape [2, 2], but must have [3, 2].");
        AssertRefused(Forged(counts: [1, 1, 1]), "Block 'counts' has the shape [3], but must have [2].");
        AssertRefused(Forged(counts: [1, 0]), "Block 'counts' must have at least 2 classes with examples.");
        AssertRefused(Forged(counts: [1, -1]), "Block 'counts' must have at least 2 classes with examples.");
        AssertRefused(Forged(more: true), "The model has a block 'more' that this version of MLNet.Papers does not know.");
    }

    private const string Options =
        """
        {"Architecture":{"InputSize":2,"ImageShape":null,"Filters":0,"Blocks":0,"HiddenUnits":[],"EmbeddingSize":2},
        "Distance":0,"Temperature":1,"FeatureColumnName":"Features","LabelColumnName":"Label","EmbeddingColumnName":null}
        """;

    private static byte[] Saved()
    {
        var ml = new MLContext(seed: 1);
        using PrototypicalNetworkTransformer model = IdentityNetwork.LeftAndRight(ml);
        return ModelFile.Save(ml, model, new HandWrittenView(HandWrittenColumn.Vectors("Features", [0, 0])).Schema);
    }

    // A .zip in which one text of ML.NET's header is another of the same length.
    private static byte[] Renamed(string original, string forged)
    {
        Assert.AreEqual(original.Length, forged.Length);
        SortedDictionary<string, byte[]> entries = ModelFile.Entries(Saved());
        int places = 0;
        foreach ((string name, byte[] content) in entries.ToArray())
        {
            byte[] from = Encoding.Unicode.GetBytes(original);
            for (int place = content.AsSpan().IndexOf(from); place >= 0; place = content.AsSpan().IndexOf(from))
            {
                Encoding.Unicode.GetBytes(forged).CopyTo(content, place);
                places++;
            }

            entries[name] = content;
        }

        Assert.AreEqual(1, places, $"The file holds '{original}' {places} times.");
        return ModelFile.Pack(entries);
    }

    private static byte[] Forged(
        string options = Options, string labels = """{"Type":"String","Names":["left","right"]}""", long[]? counts = null, bool more = false)
    {
        counts ??= [1, 1];
        ForgedModel forged = new ForgedModel()
            .Json("options", options)
            .Block("layers.0.weight", (byte)BlockType.Single, [2, 2], Bytes<float>([1, 0, 0, 1]))
            .Block("layers.0.bias", (byte)BlockType.Single, [2], Bytes<float>([0, 0]))
            .Json("labels", labels)
            .Block("prototypes", (byte)BlockType.Single, [2, 2], Bytes<float>([0, 0, 2, 0]))
            .Block("counts", (byte)BlockType.Int64, [counts.Length], Bytes(counts));
        if (more)
            forged.Block("more", (byte)BlockType.Byte, [0], []);
        SortedDictionary<string, byte[]> entries = ModelFile.Entries(Saved());
        entries[ModelFile.WeightsEntry(entries)] = forged.Ended();
        return ModelFile.Pack(entries);

        static byte[] Bytes<T>(T[] values)
            where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private static void AssertRefused(byte[] file, string? message)
    {
        List<string> loaded = [];
        void Note(object? sender, AssemblyLoadEventArgs arguments) => loaded.Add(arguments.LoadedAssembly.GetName().Name!);
        AppDomain.CurrentDomain.AssemblyLoad += Note;
        try
        {
            // ML.NET calls the loader by reflection and wraps what it throws.
            var exception = Assert.ThrowsExactly<TargetInvocationException>(() => ModelFile.Load(file));
            Assert.IsInstanceOfType<FormatException>(exception.InnerException);
            if (message is not null)
                Assert.AreEqual(message, exception.InnerException.Message);
        }
        finally
        {
            AppDomain.CurrentDomain.AssemblyLoad -= Note;
        }

        CollectionAssert.DoesNotContain(loaded, "System.Net.HttpListener");
    }

    private static bool Contains(byte[] content, string text) => content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)) >= 0;

    private sealed class Undeclared(IHostEnvironment environment) : ScoringTransformer(environment)
    {
        internal override bool ScoresInBatches => false;

        private protected override IEnumerable<InputColumn> Inputs => [];

        internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => [];

        internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => throw new NotSupportedException();

        private protected override IModelRecord SavedState => throw new NotSupportedException();
    }
}
