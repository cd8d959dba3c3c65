using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Elmo;
using MLNet.Papers.Labels;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>What the transformer puts out, how it reads files, and what learns over it.</summary>
[TestClass]
public sealed class ElmoTransformerTests
{
    [TestMethod]
    public void Vectors_are_pooled_as_named()
    {
        string[] texts = ["one two three", "", "alone"];
        float[][] layers = Rows(texts, new() { Representation = ElmoRepresentation.AllLayers, TokenVectorsColumnName = "Out" }, "Out");
        float[][] tokens = [.. layers[0].Chunk(24)];
        Assert.HasCount(3, tokens);
        Check(new() { Representation = ElmoRepresentation.AllLayers }, i => tokens.Average(token => token[i]), 24);
        Check(new() { Representation = ElmoRepresentation.AllLayers, Pooling = Pooling.Max }, i => tokens.Max(token => token[i]), 24);
        Check(new() { Representation = ElmoRepresentation.AllLayers, Pooling = Pooling.FirstLast }, i => tokens[i < 24 ? 0 : 2][i % 24], 48);
        Check(new(), i => tokens.Average(token => (token[i] + token[i + 8] + token[i + 16]) / 3), 8);
        Check(new() { MixWeights = [0, 2, -1] }, i => tokens.Average(token => (2 * token[i + 8]) - token[i + 16]), 8);

        void Check(ElmoOutputOptions options, Func<int, float> expected, int size)
        {
            float[][] rows = Rows(texts, options, "Features");
            Assert.HasCount(size, rows[0]);
            for (int i = 0; i < size; i++)
                Assert.AreEqual(expected(i), rows[0][i], 1e-5f, $"{options.Pooling}, {options.Representation}, place {i}");
            Assert.IsTrue(rows[1].All(value => value == 0), "A text without tokens must have zeros.");
        }
    }

    [TestMethod]
    public void Tokens_stand_beside_their_vectors()
    {
        using ElmoTransformer elmo = Elmo(new() { TokenVectorsColumnName = "Vectors", TokensColumnName = "Tokens" });
        var data = new MemoryView([MemoryColumn.Texts("Text", ["  one\ttwo  ", ""])]);
        IDataView view = elmo.Transform(data);
        CollectionAssert.AreEqual(new[] { 0, 8 }, ((VectorDataViewType)view.Schema["Vectors"].Type).Dimensions.ToArray());
        object[] tokens = Table.Read(view, [view.Schema["Tokens"]]).Columns.Single().Value,
            vectors = Table.Read(view, [view.Schema["Vectors"]]).Columns.Single().Value;
        CollectionAssert.AreEqual(new[] { "one", "two" }, (string[])tokens[0]);
        Assert.HasCount(16, (float[])vectors[0]);
        Assert.IsEmpty((string[])tokens[1]);
        Assert.IsEmpty((float[])vectors[1]);
    }

    [TestMethod]
    public void A_long_text_is_read_in_pieces()
    {
        string[] words = [.. Enumerable.Range(0, 1100).Select(i => $"w{i % 37}")];
        ElmoOutputOptions options = new() { TokenVectorsColumnName = "Out" };
        float[] whole = Rows([string.Join(' ', words)], options, "Out")[0];
        float[][] pieces = Rows([.. words.Chunk(ElmoModel.MaxTokens).Select(piece => string.Join(' ', piece))], options, "Out");
        CollectionAssert.AreEqual(pieces.SelectMany(piece => piece).ToArray(), whole);
        foreach (Pooling pooling in Enum.GetValues<Pooling>())
        {
            float[] pooled = Rows([string.Join(' ', words)], new() { Pooling = pooling }, "Features")[0];
            float[][] tokens = [.. whole.Chunk(8)];
            for (int i = 0; i < 8; i++)
            {
                float expected =
                    pooling switch { Pooling.Mean => tokens.Average(token => token[i]), Pooling.Max => tokens.Max(token => token[i]), _ => tokens[0][i] };
                Assert.AreEqual(expected, pooled[i], 1e-5f, $"{pooling}");
                if (pooling == Pooling.FirstLast)
                    Assert.AreEqual(tokens[^1][i], pooled[8 + i], 1e-6f);
            }
        }
    }

    [TestMethod]
    public void Few_long_texts_are_read_ahead()
    {
        int read = 0;
        string text = string.Join(' ', Enumerable.Repeat("word", 3_000));
        using ElmoTransformer elmo = Elmo(new());
        var ml = new MLContext(seed: 1);
        IDataView view = elmo.Transform(ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(_ =>
        {
            read++;
            return new Document { Text = text };
        })));
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Features"]]);
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsLessThan(10, read);
        int rows = 1;
        while (cursor.MoveNext())
            rows++;
        Assert.AreEqual(40, rows);
        Assert.AreEqual(40, read);
    }

    [TestMethod]
    public void Any_text_has_finite_vectors()
    {
        string[] texts = ["\uD800 \uDC00\uD800", new string('é', 5000), "\u0000\u0001", "🦊🦊🦊🦊 日本語", "<S> </S> <UNK>"];
        foreach (float[] row in Rows(texts, new(), "Features"))
            Assert.IsTrue(row.All(float.IsFinite));
    }

    [TestMethod]
    public void Files_that_are_damaged_name_the_field()
    {
        AssertRefused("'lm_weights.hdf5' has no 'CNN/b_cnn_1': 'CNN/b_cnn_1' is missing", arrays => arrays.Remove("CNN/b_cnn_1"));
        AssertRefused("'char_embed' has the shape [260, 3], but must have [261, 3]", arrays => arrays["char_embed"] = new float[260, 3]);
        AssertRefused(
            "'RNN_1/RNN/MultiRNNCell/Cell0/LSTMCell/B' has a number that is not finite",
            arrays => ((float[])arrays["RNN_1/RNN/MultiRNNCell/Cell0/LSTMCell/B"])[2] = float.NaN);
        AssertRefused("'CNN_proj/b_proj' must hold floating-point numbers of 4 bytes", arrays => arrays["CNN_proj/b_proj"] = new double[4]);

        static void AssertRefused(string message, Action<Dictionary<string, Array>> change)
        {
            using PublishedFiles files = PublishedFiles.Make(new(), change);
            FormatException error = Assert.ThrowsExactly<FormatException>(() => PublishedElmo.Load(files.OptionsPath, files.WeightsPath));
            Assert.Contains(message, error.Message.Replace(Path.GetDirectoryName(files.WeightsPath)! + Path.DirectorySeparatorChar, ""));
        }
    }

    [TestMethod]
    public void Options_that_are_damaged_name_the_field()
    {
        using PublishedFiles files = PublishedFiles.Make(new());
        string options = File.ReadAllText(files.OptionsPath);
        AssertRefused("is not JSON", options[..20]);
        AssertRefused("has no field char_cnn.n_highway", options.Replace("n_highway", "n_highways"));
        AssertRefused("lstm.n_layers must be a whole number, but is \"2\"", options.Replace("\"n_layers\":2", "\"n_layers\":\"2\""));
        AssertRefused("describes no network", options.Replace("\"n_layers\":2", "\"n_layers\":2000000"));
        AssertRefused("char_cnn.filters[0][1] must be a whole number", options.Replace("[1,3]", "[1,3.5]"));
        File.WriteAllBytes(files.WeightsPath, File.ReadAllBytes(files.WeightsPath)[..200]);
        File.WriteAllText(files.OptionsPath, options);
        Assert.Contains(
            $"'{files.WeightsPath}'", Assert.ThrowsExactly<FormatException>(() => PublishedElmo.Load(files.OptionsPath, files.WeightsPath)).Message);
        File.WriteAllBytes(files.WeightsPath, [0x1F, 0x8B, 8, 0]);
        string compressed = Assert.ThrowsExactly<FormatException>(() => PublishedElmo.Load(files.OptionsPath, files.WeightsPath)).Message;
        Assert.Contains($"'{files.WeightsPath}'", compressed);
        Assert.Contains("compressed with gzip", compressed);

        void AssertRefused(string message, string content)
        {
            File.WriteAllText(files.OptionsPath, content);
            FormatException error = Assert.ThrowsExactly<FormatException>(() => PublishedElmo.Load(files.OptionsPath, files.WeightsPath));
            Assert.Contains(message, error.Message);
        }
    }

    [TestMethod]
    public void The_tagger_learns_which_layer_tells_the_label()
    {
        // Three layers of two values: noise, the label, noise.
        var random = new Random(2);
        const int Rows = 120;
        uint[][] tags = [.. Enumerable.Range(0, Rows).Select(row => Enumerable.Range(0, 1 + (row % 3)).Select(_ => (uint)random.Next(2) + 1).ToArray())];
        float[][] vectors =
        [
            .. tags.Select(row => row.SelectMany(tag => new[] { Noise(), Noise(), tag - 1.5f, (1.5f - tag) * 2, Noise(), Noise() }).ToArray()),
        ];
        var data = new MemoryView(
        [
            MemoryColumn.Vectors("Tags", new KeyDataViewType(typeof(uint), 2), [.. tags.Select(row => new VBuffer<uint>(row.Length, row))]),
            MemoryColumn.Vectors("Vectors", NumberDataViewType.Single, [.. vectors.Select(row => new VBuffer<float>(row.Length, row))]),
        ]);
        var ml = new MLContext(1);
        ElmoTaggerTransformer model =
            ml.MulticlassClassification.Trainers.ElmoTagger("Tags", "Vectors", new() { Layers = 3, Epochs = 40, Dropout = 0, LearningRate = 2e-2 }).Fit(data);
        Assert.IsGreaterThan(0.45f, model.LayerWeights[1]);
        Assert.AreEqual(1, model.LayerWeights.Sum(), 1e-5);
        IDataView scored = model.Transform(data);
        object[] predicted = Table.Read(scored, [scored.Schema["PredictedLabel"]]).Columns.Single().Value;
        for (int row = 0; row < Rows; row++)
            CollectionAssert.AreEqual(tags[row], (uint[])predicted[row]);

        // Texts name the same labels, in their own order; an empty one is no label.
        string[][] names = [.. tags.Select((tag, row) => tag.Select((value, i) => (row, i) == (0, 0) ? "" : value == 1 ? "noun" : "adjective").ToArray())];
        MemoryView texts = data.With(MemoryColumn.Vectors(
            "Tags", TextDataViewType.Instance,
            [.. names.Select(row => new VBuffer<ReadOnlyMemory<char>>(row.Length, [.. row.Select(name => name.AsMemory())]))]));
        ElmoTaggerTransformer named =
            ml.MulticlassClassification.Trainers.ElmoTagger("Tags", "Vectors", new() { Layers = 3, Epochs = 40, Dropout = 0, LearningRate = 2e-2 }).Fit(texts);
        IDataView taggedTexts = named.Transform(texts);
        CollectionAssert.AreEqual(
            new[] { "adjective", "noun" }, ClassLabels.Of(taggedTexts.Schema["PredictedLabel"]).Names.ToArray());
        object[] found = Table.Read(taggedTexts, [taggedTexts.Schema["PredictedLabel"]]).Columns.Single().Value;
        for (int row = 0; row < Rows; row++)
            CollectionAssert.AreEqual(Array.ConvertAll(tags[row], tag => 3 - tag), (uint[])found[row]);

        MemoryView wrong = data.With(
            MemoryColumn.Vectors(
                "Vectors", NumberDataViewType.Single,
                [.. vectors.Select((row, i) => i == 7 ? new VBuffer<float>(5, row[..5]) : new VBuffer<float>(row.Length, row))]));
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => ml.MulticlassClassification.Trainers.ElmoTagger("Tags", "Vectors").Fit(wrong));
        Assert.Contains("Column 'Tags' has 2 labels and column 'Vectors' 5 numbers in row 7", error.Message);

        float Noise() => (float)random.NextDouble() - 0.5f;
    }

    [TestMethod]
    public void The_classifier_learns_over_the_layers()
    {
        var data = new MemoryView([ElmoSentences.Texts(30), ElmoSentences.Labels(30)]);
        using ElmoTransformer elmo = Elmo(new());
        var ml = new MLContext(1);
        using ElmoClassifierTransformer model =
            ml.MulticlassClassification.Trainers.ElmoClassifier(elmo, "Label", "Text", new() { Epochs = 150, Dropout = 0.1, LearningRate = 2e-2 }).Fit(data);
        Assert.AreEqual(1, model.LayerWeights.Sum(), 1e-5);
        Assert.HasCount(3, model.LayerWeights);
        Assert.AreNotEqual(1, model.LayerScale);
        // Row 5 is empty.
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(
            model.Transform(ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data)));
        Assert.IsGreaterThan(0.9, metrics.MicroAccuracy);
    }

    private static ElmoTransformer Elmo(ElmoOutputOptions options)
    {
        using PublishedFiles files = PublishedFiles.Make(new());
        var empty = new MemoryView([MemoryColumn.Texts("Text", [""])]);
        return new MLContext().Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath, options).Fit(empty);
    }

    private static float[][] Rows(string[] texts, ElmoOutputOptions options, string column)
    {
        using ElmoTransformer elmo = Elmo(options);
        IDataView view = elmo.Transform(new MemoryView([MemoryColumn.Texts("Text", texts)]));
        return [.. Table.Read(view, [view.Schema[column]]).Columns.Single().Value.Cast<float[]>()];
    }

    private sealed class Document
    {
        public string Text { get; set; } = "";
    }
}
