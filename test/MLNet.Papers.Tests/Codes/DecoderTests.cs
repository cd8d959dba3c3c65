using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Codes;

/// <summary>The way back from codes to rows: a transformer of its own, for which all of the contract holds.</summary>
[TestClass]
public sealed class DecoderTests
{
    public static IEnumerable<object[]> Checks => ContractChecks.All.Select(check => new object[] { check.Name });

    [TestMethod, DynamicData(nameof(Checks))]
    public void The_contract_holds(string name)
    {
        using var workout = new Workout(new Case());
        ContractChecks.All.Single(check => check.Name == name).Run(workout);
    }

    [TestMethod]
    public void What_was_encoded_is_decoded_to_its_reconstruction_by_way_of_files()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Rows();
        VectorQuantizedAutoencoderTransformer codec = Codec(ml, withReconstruction: true);
        using var file = new MemoryStream();
        ml.Model.Save(codec.Decoder("Back", "Codes"), codec.Transform(rows).Schema, file);
        file.Position = 0;
        ITransformer back = ml.Model.Load(file, out _);
        IDataView decoded = back.Transform(codec.Transform(rows));
        float[][] expected = [.. decoded.GetColumn<float[]>("Codes.Reconstruction")], actual = [.. decoded.GetColumn<float[]>("Back")];
        for (int row = 0; row < expected.Length; row++)
            CollectionAssert.AreEqual(expected[row], actual[row]);
        Assert.IsTrue(ml.Transforms.DropColumns("Rows").Fit(decoded).Transform(decoded).Schema.GetColumnOrNull("Back") is not null);
    }

    [TestMethod]
    public void A_missing_key_gives_NaN_and_one_too_many_is_refused()
    {
        var ml = new MLContext(seed: 1);
        using AutoencoderDecoderTransformer back = Codec(ml).Decoder("Back", "Codes");
        Assert.IsTrue(back.Transform(Codes([0, 1])).GetColumn<float[]>("Back").Single().All(float.IsNaN));
        Assert.IsTrue(back.Transform(Codes([4, 1])).GetColumn<float[]>("Back").Single().All(float.IsFinite));
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => back.Transform(Codes([5, 1])).GetColumn<float[]>("Back").ToArray());
        Assert.Contains("Column 'Codes' must have keys from 1 to 4, but has 5 in row 0.", error.Message);
    }

    private static MemoryView Codes(uint[] keys) => new(
        [MemoryColumn.Vectors("Codes", new KeyDataViewType(typeof(uint), 4), [new VBuffer<uint>(2, keys)], 2)]);

    private static MemoryView Rows()
    {
        var random = new Random(4);
        return new([MemoryColumn.Vectors("Rows", [.. Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, 5).Select(_ => random.NextSingle()).ToArray())])]);
    }

    private static VectorQuantizedAutoencoderTransformer Codec(MLContext ml, bool withReconstruction = false) =>
        ml.Transforms.FeaturizeWithVectorQuantizedAutoencoder("Codes", "Rows", new()
        {
            Seed = 1,
            CodebookSize = 4,
            CodeDimension = 2,
            CodesPerRow = 2,
            HiddenUnits = [6],
            Epochs = 2,
            PriorEpochs = 0,
            WithReconstruction = withReconstruction,
        }).Fit(Rows());

    private sealed class Case : IEstimatorCase
    {
        public Type EstimatorType => typeof(Estimator);

        public bool IsRandom => false;

        public bool Learns => false;

        public TechniqueOptions SmallestOptions() => new NoOptions();

        public TechniqueOptions EndlessOptions(Action started) => new NoOptions();

        public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) => new Estimator(Codec(ml));

        public IDataView Data(MLContext ml) => MemoryView.Of(Codec(ml).Transform(Rows())).Without("Rows");

        public IEnumerable<RejectedInput> Rejected(MLContext ml)
        {
            MemoryView codes = (MemoryView)Data(ml);
            yield return new("Codes", "missing", codes.With(MemoryColumn.Texts("Other", Enumerable.Repeat("", codes.Count))).Without("Codes"));
            yield return new("Codes", "a text", new MemoryView([MemoryColumn.Texts("Codes", Enumerable.Repeat("1", codes.Count))]));
        }
    }

    /// <summary>Gives the way back, which is there already.</summary>
    private sealed class Estimator(VectorQuantizedAutoencoderTransformer codec) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            ArgumentNullException.ThrowIfNull(input);
            AutoencoderDecoderTransformer back = codec.Decoder("Back", "Codes");
            back.GetOutputSchema(input.Schema);
            return back;
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            ArgumentNullException.ThrowIfNull(inputSchema);
            new MLNet.Papers.Codes.CodeColumn("Codes").Require(inputSchema);
            var added = new DataViewSchema.Builder();
            added.AddColumn("Back", new VectorDataViewType(NumberDataViewType.Single, 5));
            return MLNet.Papers.Interop.SchemaShapes.With(inputSchema, [.. MLNet.Papers.Interop.SchemaShapes.Of(added.ToSchema())]);
        }
    }
}
