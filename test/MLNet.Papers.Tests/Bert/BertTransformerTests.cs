using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Bert;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Onnx;

namespace MLNet.Papers.Tests.Bert;

/// <summary>What the transformer reads and puts out.</summary>
[TestClass]
public sealed class BertTransformerTests
{
    public static IEnumerable<object[]> Outputs =>
    [
        ["the mean, words", new BertOutputOptions { TokenVectorsColumnName = "Vectors" }],
        ["[CLS], normalized", new BertOutputOptions { Pooling = Pooling.First, Normalize = true }],
        ["four layers, the mean of a word's pieces", new BertOutputOptions
        {
            Representation = BertRepresentation.LastFourLayers, Pooling = Pooling.FirstLast, TokenVectorsColumnName = "Vectors",
            WordVector = BertWordVector.Mean, TokensColumnName = "Tokens",
        }],
        ["the tables", new BertOutputOptions { Representation = BertRepresentation.OneLayer, Layer = 0, Pooling = Pooling.Max }],
        ["all layers", new BertOutputOptions { Representation = BertRepresentation.AllLayers }],
    ];

    private static MemoryView Texts => new([MemoryColumn.Texts("Text",
        ["the cat sat", "", "naïve walking", "a-word-that-is-long on the mat", "one two three four five six seven", "日本 . .", "\u200e walked \u200e"])]);

    [TestMethod, DynamicData(nameof(Outputs))]
    public void A_transformer_is_that_of_the_graph(string name, BertOutputOptions options)
    {
        using var small = new SmallBert(layers: 5);
        using BertTransformer bert = small.Transformer(options);
        using var model = new OnnxModel(bert);
        OnnxChecks.AssertSame(bert, model, Texts, name, relative: 1e-5);
    }

    [TestMethod, DynamicData(nameof(Outputs))]
    public void A_saved_transformer_gives_the_same_values(string name, BertOutputOptions options)
    {
        using var small = new SmallBert();
        using BertTransformer bert = small.Transformer(options);
        var ml = new MLContext(seed: 1);
        using var stream = new MemoryStream();
        ml.Model.Save(bert, Texts.Schema, stream);
        stream.Position = 0;
        var loaded = (BertTransformer)ml.Model.Load(stream, out _);
        Assert.AreEqual(bert.ParameterCount, loaded.ParameterCount, name);
        foreach (string column in bert.GetOutputSchema(Texts.Schema).Select(column => column.Name).Where(column => column is "Features" or "Vectors"))
        {
            CollectionAssert.AreEqual(
                bert.Transform(Texts).GetColumn<float[]>(column).SelectMany(row => row).ToArray(),
                loaded.Transform(Texts).GetColumn<float[]>(column).SelectMany(row => row).ToArray(), column);
        }
    }

    [TestMethod]
    public void Words_that_are_given_have_the_vectors_of_their_text()
    {
        using var small = new SmallBert();
        using BertTransformer bert = small.Transformer(new() { TokenVectorsColumnName = "Vectors", TokensColumnName = "Tokens" });
        string[][] words = [["the", "cat", "walked"], [], ["naïve"]];
        var asWords = new MemoryView([MemoryColumn.Vectors("Text", TextDataViewType.Instance,
            [.. words.Select(row => new VBuffer<ReadOnlyMemory<char>>(row.Length, [.. row.Select(word => word.AsMemory())]))])]);
        var asTexts = new MemoryView([MemoryColumn.Texts("Text", words.Select(row => string.Join("  ", row)))]);
        foreach (string column in (string[])["Features", "Vectors"])
        {
            float[][] expected = [.. bert.Transform(asTexts).GetColumn<float[]>(column)], actual = [.. bert.Transform(asWords).GetColumn<float[]>(column)];
            for (int row = 0; row < words.Length; row++)
                CollectionAssert.AreEqual(expected[row], actual[row], column);
        }

        ReadOnlyMemory<char>[][] tokens = [.. bert.Transform(asTexts).GetColumn<ReadOnlyMemory<char>[]>("Tokens")];
        CollectionAssert.AreEqual(words[0], tokens[0].Select(token => token.ToString()).ToArray());
    }

    [TestMethod]
    public void A_text_is_cut_at_the_models_length_which_is_said_once_with_how_many()
    {
        using var small = new SmallBert(maxLength: 8);
        var ml = new MLContext(seed: 1);
        List<string> said = [];
        ml.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                said.Add(entry.Message);
        };
        using var bert = new BertTransformer(MLNet.Papers.Interop.Host.EnvironmentOf(ml.Transforms), new(BertOutputs.Of("Features", "Text", new()
        {
            TokenVectorsColumnName = "Vectors",
        }, small.Model), small.Model));
        string[] texts = ["the cat sat on the mat", "the cat sat on the mat the cat sat", "walkwalkwalkwalkwalk on the mat", "on"];
        IDataView scored = bert.Transform(new MemoryView([MemoryColumn.Texts("Text", texts)]));
        float[][] features = [.. scored.GetColumn<float[]>("Features")];
        CollectionAssert.AreEqual(features[0], features[1], "Six words are read of both.");
        CollectionAssert.AreEqual(features[0], scored.GetColumn<float[]>("Features").First());
        Assert.HasCount(1, said, "Not with every pass over the rows.");
        Assert.Contains("2 of 4 texts in column 'Text' have more than 8 pieces", said[0]);
        float[][] vectors = [.. scored.GetColumn<float[]>("Vectors")];
        int size = small.Model.Architecture.HiddenSize;
        Assert.HasCount(9 * size, vectors[1]);
        Assert.IsTrue(vectors[1][..(6 * size)].Chunk(size).All(vector => vector.Any(value => value != 0)), "A word that is read has a vector.");
        Assert.IsTrue(vectors[1][(6 * size)..].All(value => value == 0), "A word that is not read has zeros.");
    }

    [TestMethod]
    public void All_rows_are_scored_where_a_batch_is_full_before_its_last_slot()
    {
        using var small = new SmallBert(hidden: 8, heads: 2, layers: 1, inner: 8);
        using BertTransformer bert = small.Transformer();
        string[] texts = [.. Enumerable.Range(0, 600).Select(row => string.Join(' ', Enumerable.Repeat("the cat sat on the mat", 1 + (row % 8))))];
        float[][] all = [.. bert.Transform(new MemoryView([MemoryColumn.Texts("Text", texts)])).GetColumn<float[]>("Features")];
        Assert.HasCount(texts.Length, all);
        bert.BatchSize = 1;
        float[][] single = [.. bert.Transform(new MemoryView([MemoryColumn.Texts("Text", texts)])).GetColumn<float[]>("Features")];
        for (int row = 0; row < texts.Length; row++)
            CollectionAssert.AreEqual(single[row], all[row], $"row {row}");
    }

    [TestMethod]
    [DataRow("a b c d e f", "x y", "abcdxy")]
    [DataRow("a b", "u v w x y z", "abuvwx")]
    [DataRow("a b c d e f", "u v w x y z", "abcuvw")]
    [DataRow("a b c", "x y", "abcxy")]
    public void The_longer_text_of_a_pair_is_cut(string first, string second, string read)
    {
        using var small = new SmallBert(maxLength: 9);
        var texts = new BertTexts(small.Model);
        texts.Add(first, second);
        string[] pieces = [.. texts.Batch.Pieces(0).ToArray().Select(piece => small.Model.Vocabulary[piece])];
        Assert.AreEqual(read, string.Concat(pieces.Where(piece => piece is not ("[CLS]" or "[SEP]"))));
        Assert.AreEqual(texts.FirstPieces.Count + 2, texts.Batch.Second(0));
        Assert.AreEqual("[SEP]", pieces[texts.Batch.Second(0) - 1]);
        Assert.AreEqual("[SEP]", pieces[^1]);
        Assert.AreEqual(read.Length == 6 ? 1 : 0, texts.Cut);
    }

    [TestMethod]
    public void A_text_is_pooled_with_its_marks_as_its_model_says()
    {
        using var small = new SmallBert(pooling: Pooling.First, normalizes: true);
        using BertTransformer own = small.Transformer(), mean = small.Transformer(new() { Pooling = Pooling.Mean, Normalize = false });
        Assert.AreEqual(Pooling.First, own.Pooling);
        float[] vector = own.Transform(Texts).GetColumn<float[]>("Features").First();
        Assert.AreEqual(1, vector.Sum(value => (double)value * value), 1e-6);
        var texts = new BertTexts(small.Model);
        texts.Add("the cat sat");
        int size = small.Model.Architecture.HiddenSize;
        float[] top = [];
        BertScorer scorer = BertScorer.Create(small.Model.Architecture, small.Model.Weights, TorchDevice.Cpu);
        scorer.Run(texts.Batch, 2, 2, (_, layers) => top = layers[2].ToArray());
        Assert.HasCount(5 * size, top);
        float[] expected = [.. Enumerable.Range(0, size).Select(i => top.Chunk(size).Average(row => row[i]))];
        float[] actual = mean.Transform(Texts).GetColumn<float[]>("Features").First();
        for (int i = 0; i < size; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6);
    }

    [TestMethod]
    public void A_layer_that_is_not_there_is_refused()
    {
        using var small = new SmallBert(layers: 2);
        ArgumentOutOfRangeException refusal = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            small.Transformer(new() { Representation = BertRepresentation.OneLayer, Layer = 3 }));
        Assert.StartsWith("BertOutputOptions.Layer must be from 0 to 2, the top layer, but was 3.", refusal.Message);
    }

    [TestMethod]
    public void Numbers_that_describe_no_network_are_refused()
    {
        using var small = new SmallBert();
        BertArchitecture right = small.Model.Architecture;
        BertArchitecture[] wrong =
        [
            right with { Pieces = 0 }, right with { Positions = 1 }, right with { Segments = 0 }, right with { HiddenSize = 0 }, right with { Layers = 0 },
            right with { Layers = 1 << 20 }, right with { Heads = 0 }, right with { Heads = 5 }, right with { InnerSize = -1 }, right with { Epsilon = 0 },
            right with { Epsilon = double.NaN }, right with { Gelu = (BertGelu)7 }, right with { Pieces = 1 << 24, HiddenSize = 1 << 16, Heads = 1 },
            right with { Positions = 1 << 16 },
        ];
        foreach (BertArchitecture architecture in wrong)
            Assert.IsNotNull(architecture.FindFault(), architecture.ToString());
        Assert.IsNotNull((small.Model with { MaxLength = 2 }).FindFault());
        Assert.IsNotNull((small.Model with { MaxLength = 65 }).FindFault());
        Assert.Contains("but the network has vectors for 5", (small.Model with { Architecture = right with { Pieces = 5 } }).FindFault()!);
    }
}
