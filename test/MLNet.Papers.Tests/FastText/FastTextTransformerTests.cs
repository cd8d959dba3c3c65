using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.FastText;
using MLNet.Papers.Labels;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.FastText;

[TestClass]
public sealed class FastTextTransformerTests
{
    private static readonly string[] Texts = ["the grey boat", "", "owls  and\tmoss", "unheard of", "café"];

    [TestMethod]
    public void A_column_of_texts_becomes_a_column_of_sentence_vectors()
    {
        var ml = new MLContext(1);
        FastTextModel model = RandomModels.Vectors();
        var transformer = ml.Transforms.Text.ApplyFastText("Vector", "Text", model).Fit(Data());
        float[][] expected = [.. Texts.Select(model.GetSentenceVector)];
        AssertEqual(expected, Vectors(transformer));
        Assert.IsTrue(expected[1].All(value => value == 0));
        Assert.AreEqual("Text", transformer.InputColumnName);
        Assert.AreEqual("Vector", transformer.OutputColumnName);
        Assert.AreSame(model, transformer.Model);
        CollectionAssert.AreEqual(model.GetWordVector("oak"), transformer.GetWordVector("oak"));
        CollectionAssert.AreEqual(model.GetSubwords("oak").ToArray(), transformer.GetSubwords("oak").ToArray());
        CollectionAssert.AreEqual(model.NearestNeighbors("oak", 3).ToArray(), transformer.NearestNeighbors("oak", 3).ToArray());
        CollectionAssert.AreEqual(model.Analogies("oak", "sea", "boat", 3).ToArray(), transformer.Analogies("oak", "sea", "boat", 3).ToArray());
        Assert.AreSame(model.WordVectors, transformer.WordVectors);
    }

    [TestMethod]
    public void A_classifier_gives_an_empty_text_the_row_of_the_end_of_a_line()
    {
        FastTextModel model = RandomModels.Classifier(FastTextLoss.Softmax);
        float[][] vectors = Vectors(new MLContext(1).Transforms.Text.ApplyFastText("Vector", "Text", model).Fit(Data()));
        CollectionAssert.AreEqual(((DenseMatrix)model.Input).Row(0).ToArray(), vectors[1]);
    }

    [TestMethod]
    public void A_vector_of_texts_is_one_text()
    {
        FastTextModel model = RandomModels.Classifier(FastTextLoss.Softmax);
        VBuffer<ReadOnlyMemory<char>>[] rows =
        [
            .. Texts.Select(text => text.Split([' ', '\t']))
                .Select(words => new VBuffer<ReadOnlyMemory<char>>(words.Length, [.. words.Select(word => word.AsMemory())])),
        ];
        var data = new MemoryView([MemoryColumn.Vectors("Text", TextDataViewType.Instance, rows)]);
        AssertEqual(
            [.. Texts.Select(model.GetSentenceVector)], Vectors(new MLContext(1).Transforms.Text.ApplyFastText("Vector", "Text", model).Fit(data), data));
    }

    [TestMethod]
    public void A_file_is_read_when_the_estimator_is_made()
    {
        string path = Path.GetTempFileName();
        try
        {
            var ml = new MLContext(1);
            File.WriteAllText(path, "no model");
            Assert.ThrowsExactly<FormatException>(() => ml.Transforms.Text.ApplyFastText("Vector", "Text", path));
            File.WriteAllBytes(path, RandomModels.Bytes(RandomModels.Quantized()));
            PretrainedFastTextEstimator estimator = ml.Transforms.Text.ApplyFastText("Vector", "Text", path);
            File.Delete(path);
            AssertEqual([.. Texts.Select(RandomModels.Quantized().GetSentenceVector)], Vectors(estimator.Fit(Data())));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Scoring_a_row_allocates_nothing()
    {
        FastTextTransformer transformer = new MLContext(1).Transforms.Text.ApplyFastText("Vector", "Text", RandomModels.Vectors()).Fit(Data());
        var many = new MemoryView([MemoryColumn.Texts("Text", Enumerable.Range(0, 2000).Select(row => Texts[row % Texts.Length]))]);
        Vectors(transformer, many, keep: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Vectors(transformer, many, keep: false);
        Assert.IsLessThan(20_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [DataRow(FastTextLoss.Softmax)]
    [DataRow(FastTextLoss.OneVersusAll)]
    [DataRow(FastTextLoss.HierarchicalSoftmax)]
    public void A_classifier_scores_in_key_order_before_and_after_it_was_saved(FastTextLoss loss)
    {
        FastTextModel model = RandomModels.Classifier(loss);
        // The keys are the labels in the order of the alphabet and one class that the model has never seen.
        string[] names = [.. model.Labels.Order(StringComparer.Ordinal), "unseen"];
        var state = new FastTextClassifierTransformer.State(
            "Text", new ClassLabels(TextDataViewType.Instance, names), [.. names.Select(name => model.Labels.ToList().IndexOf(name))], model);
        var ml = new MLContext(1);
        using var transformer = new FastTextClassifierTransformer((Microsoft.ML.Runtime.IHostEnvironment)ml, state);
        byte[] file = ModelFile.Save(ml, transformer, Data().Schema);
        using var loaded = (FastTextClassifierTransformer)ModelFile.Load(file);
        Assert.AreEqual("Text", loaded.TextColumnName);
        foreach (FastTextClassifierTransformer classifier in new[] { transformer, loaded })
        {
            IDataView scored = classifier.Transform(Data());
            float[][] scores = [.. scored.GetColumn<float[]>("Score")];
            uint[] predicted = [.. scored.GetColumn<uint>("PredictedLabel")];
            VBuffer<ReadOnlyMemory<char>> slots = default;
            scored.Schema["Score"].GetSlotNames(ref slots);
            CollectionAssert.AreEqual(names, slots.DenseValues().Select(slot => slot.ToString()).ToArray());
            for (int row = 0; row < Texts.Length; row++)
            {
                IReadOnlyList<LabelProbability> expected = model.Predict(Texts[row], k: 6);
                Assert.AreEqual(0, scores[row][^1]);
                Assert.AreEqual(expected[0].Label, names[predicted[row] - 1]);
                foreach (LabelProbability label in expected)
                    Assert.AreEqual(label.Probability, scores[row][Array.IndexOf(names, label.Label)], 1e-4);
                if (loss != FastTextLoss.OneVersusAll)
                    Assert.AreEqual(1, scores[row].Sum(), 1e-5);
            }
        }
    }

    [TestMethod]
    public void A_saved_classifier_that_was_damaged_is_refused()
    {
        FastTextModel model = RandomModels.Classifier(FastTextLoss.Softmax);
        var state = new FastTextClassifierTransformer.State("Text", new ClassLabels(TextDataViewType.Instance, model.Labels), [0, 1, 2, 3, 4, 5], model);
        byte[] bytes = Write(state);
        Read(bytes);
        var random = new Random(1);
        for (int place = 0; place < bytes.Length; place += 1 + random.Next(3))
        {
            bytes[place] ^= 16;
            Assert.ThrowsExactly<FormatException>(() => Read(bytes), $"byte {place}");
            bytes[place] ^= 16;
            Assert.ThrowsExactly<FormatException>(() => Read(bytes[..place]), $"{place} bytes");
        }

        Assert.ThrowsExactly<FormatException>(() => Read(Write(state with { LabelIds = [0, 1, 2, 3, 4, 6] })));
        Assert.ThrowsExactly<FormatException>(() => Read(Write(state with { Model = RandomModels.Vectors() })));

        static object Read(byte[] model) => ModelState.Read(new MemoryStream(model), typeof(FastTextClassifierTransformer.State));
    }

    private static byte[] Write(FastTextClassifierTransformer.State state)
    {
        using var stream = new MemoryStream();
        ModelState.Write(stream, state);
        return stream.ToArray();
    }

    private static MemoryView Data() => new([MemoryColumn.Texts("Text", Texts)]);

    private static float[][] Vectors(FastTextTransformer transformer, IDataView? data = null, bool keep = true)
    {
        IDataView view = transformer.Transform(data ?? Data());
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Vector"]]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Vector"]);
        List<float[]> vectors = [];
        VBuffer<float> vector = default;
        while (cursor.MoveNext())
        {
            getter(ref vector);
            if (keep)
                vectors.Add([.. vector.DenseValues()]);
        }

        return [.. vectors];
    }

    private static void AssertEqual(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
            CollectionAssert.AreEqual(expected[row], actual[row], $"row {row}");
    }
}
