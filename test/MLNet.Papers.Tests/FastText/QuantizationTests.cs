using System.Text;
using MLNet.Papers.FastText;

namespace MLNet.Papers.Tests.FastText;

[TestClass]
public sealed class QuantizationTests
{
    [TestMethod]
    public void Rows_that_repeat_are_kept_exactly()
    {
        // 200 different pairs, each many times: 256 centroids have room for all of them, and means of equal numbers are those numbers.
        var random = new Random(1);
        DenseMatrix pairs = RandomModels.Dense(random, 200, 2);
        var matrix = new DenseMatrix(4000, 5);
        for (int row = 0; row < matrix.Rows; row++)
        {
            pairs.Row(row % 200).CopyTo(matrix.Row(row));
            pairs.Row((row * 7) % 200).CopyTo(matrix.Row(row)[2..]);
            matrix.Row(row)[4] = (row % 3) - 1;
        }

        QuantizedMatrix quantized = ProductQuantizerTraining.Quantize(matrix, pieceLength: 2, normalize: false, seed: 5);
        Assert.IsLessThan(0.02, RelativeError(matrix, quantized));
        Assert.AreEqual(3, quantized.Quantizer.Pieces);
        Assert.HasCount(12_000, quantized.Codes);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_code_is_the_nearest_centroid(bool normalize)
    {
        DenseMatrix matrix = RandomModels.Dense(new Random(2), 700, 7);
        QuantizedMatrix quantized = ProductQuantizerTraining.Quantize(matrix, pieceLength: 3, normalize, seed: 5);
        for (int row = 0; row < matrix.Rows; row++)
        {
            double norm = normalize ? Math.Sqrt(matrix.Row(row).ToArray().Sum(value => (double)value * value)) : 1;
            for (int piece = 0; piece < 3; piece++)
            {
                float[] part = [.. matrix.Row(row).Slice(piece * 3, quantized.Quantizer.LengthOf(piece)).ToArray().Select(value => (float)(value / norm))];
                double[] distances = [.. Enumerable.Range(0, 256).Select(code => Distance(part, quantized.Quantizer.Centroid(piece, (byte)code)))];
                Assert.AreEqual(distances.Min(), distances[quantized.Codes[(row * 3) + piece]], 1e-6);
            }
        }
    }

    [TestMethod]
    public void Centroids_are_the_means_of_their_rows_when_clusters_are_plain_to_see()
    {
        // 300 points on a line in steps of 1 with noise of 1/100: with 256 centroids, none can do better than to join neighbours.
        var random = new Random(3);
        var matrix = new DenseMatrix(6000, 1);
        for (int row = 0; row < matrix.Rows; row++)
            matrix.Values[row] = (row % 256) + (0.01f * (random.NextSingle() - 0.5f));
        QuantizedMatrix quantized = ProductQuantizerTraining.Quantize(matrix, pieceLength: 1, normalize: false, seed: 4);
        float[] values = matrix.Values.ToArray();
        foreach (IGrouping<byte, float> cluster in values.GroupBy(value => quantized.Codes[Array.IndexOf(values, value)]))
            Assert.AreEqual(cluster.Average(), quantized.Quantizer.Centroids[cluster.Key], 1e-3);
    }

    [TestMethod]
    public void A_seed_gives_the_same_model()
    {
        FastTextModel model = Large();
        byte[] first = RandomModels.Bytes(model.Quantize(new() { Seed = 7, NormalizeRows = true, Cutoff = 300 }));
        CollectionAssert.AreEqual(first, RandomModels.Bytes(model.Quantize(new() { Seed = 7, NormalizeRows = true, Cutoff = 300 })));
        CollectionAssert.AreNotEqual(first, RandomModels.Bytes(model.Quantize(new() { Seed = 8, NormalizeRows = true, Cutoff = 300 })));
    }

    [TestMethod]
    public void A_quantised_model_predicts_nearly_as_before()
    {
        FastTextModel model = Large(), quantized = model.Quantize(new() { Seed = 1, NormalizeRows = true });
        Assert.IsTrue(quantized.IsQuantized);
        Assert.IsFalse(quantized.Dictionary.IsPruned);
        foreach (string text in new[] { "the harbour", "moss under birch", "", "unseen things" })
        {
            Dictionary<string, float> expected = model.Predict(text, 6).ToDictionary(label => label.Label, label => label.Probability);
            foreach (LabelProbability label in quantized.Predict(text, 6))
                Assert.AreEqual(expected[label.Label], label.Probability, 0.02, text);
        }

        Assert.IsLessThan(RandomModels.Bytes(model).Length, RandomModels.Bytes(quantized).Length);
    }

    [TestMethod]
    public void Pruning_keeps_the_rows_of_greatest_norm_and_the_end_of_a_line()
    {
        FastTextModel model = RandomModels.Classifier(FastTextLoss.Softmax, buckets: 100);
        var input = (DenseMatrix)model.Input;
        input.Row(model.Dictionary.EndOfSentence).Clear();
        const int Cutoff = 40;
        FastTextModel pruned = model.Prune(Cutoff);
        double[] norms = [.. Enumerable.Range(0, input.Rows).Select(row => Math.Sqrt(input.Row(row).ToArray().Sum(value => (double)value * value)))];
        int[] best = [.. Enumerable.Range(1, input.Rows - 1).OrderByDescending(row => norms[row]).Take(Cutoff - 1)];
        string[] words = [.. best.Append(0).Where(row => row < model.Words.Count).Order().Select(row => model.Words[row])];
        CollectionAssert.AreEqual(words, pruned.Words.ToArray());
        CollectionAssert.AreEqual(model.Labels.ToArray(), pruned.Labels.ToArray());
        Assert.AreEqual(Cutoff, pruned.Input.Rows);
        foreach (string word in words)
            CollectionAssert.AreEqual(input.Row(model.FindWord(word)).ToArray(), ((DenseMatrix)pruned.Input).Row(pruned.FindWord(word)).ToArray());
        foreach (int row in best.Where(row => row >= model.Words.Count))
        {
            CollectionAssert.AreEqual(
                input.Row(row).ToArray(), ((DenseMatrix)pruned.Input).Row(pruned.Dictionary.NgramRow((uint)(row - model.Words.Count))).ToArray());
        }

        Assert.AreEqual(Cutoff - words.Length, pruned.Dictionary.Pruned!.Count);

        // A word that was dropped is the mean of those of its n-grams that are left.
        string dropped = model.Words.First(word => !words.Contains(word) && pruned.GetSubwords(word).Count > 1);
        float[] expected = new float[model.Dimension];
        IReadOnlyList<FastTextSubword> pieces = pruned.GetSubwords(dropped);
        foreach (FastTextSubword piece in pieces)
            pruned.Input.AddRow(piece.Row, expected, 1f / pieces.Count);
        float[] actual = pruned.GetWordVector(dropped);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6);
        Assert.ThrowsExactly<InvalidOperationException>(() => RandomModels.Bytes(pruned));
        Assert.AreSame(model, model.Prune(input.Rows));
    }

    [TestMethod]
    public void What_cannot_be_quantised_is_said_at_once()
    {
        FastTextModel large = Large();
        Assert.Contains("256 rows", Assert.ThrowsExactly<InvalidOperationException>(() => RandomModels.Classifier(FastTextLoss.Softmax).Quantize()).Message);
        Assert.Contains("256 labels", Assert.ThrowsExactly<InvalidOperationException>(() => large.Quantize(new() { QuantizeOutput = true })).Message);
        Assert.Contains("classifier", Assert.ThrowsExactly<InvalidOperationException>(() => RandomModels.Vectors().Quantize()).Message);
        Assert.Contains("already", Assert.ThrowsExactly<InvalidOperationException>(() => RandomModels.Quantized().Quantize()).Message);
        Assert.AreEqual(
            "FastTextQuantizationOptions.Cutoff must be 0 or at least 256, as many rows as a code book has entries, but was 100. (Parameter 'Cutoff')",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => large.Quantize(new() { Cutoff = 100 })).Message);
        Assert.Contains(
            "SubvectorLength must be at least 1",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => large.Quantize(new() { SubvectorLength = 0 })).Message);
        Assert.Contains("Cutoff must be at least 0", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => large.Quantize(new() { Cutoff = -1 })).Message);
    }

    [TestMethod]
    public void Labels_are_quantised_on_request()
    {
        FastTextArguments arguments = Large().Arguments with { Buckets = 0, MaxNgramLength = 0 };
        DictionaryEntry[] entries =
        [
            .. Enumerable.Range(0, 600).Select(id => new DictionaryEntry(Encoding.UTF8.GetBytes($"{(id < 300 ? "w" : "__label__")}{id}"), 1, id >= 300)),
        ];
        var random = new Random(4);
        var model = new FastTextModel(
            arguments, new FastTextDictionary(entries, 600, arguments), RandomModels.Dense(random, 300, 5), RandomModels.Dense(random, 300, 5));
        FastTextModel quantized = model.Quantize(new() { QuantizeOutput = true, Seed = 1 });
        Assert.IsInstanceOfType<QuantizedMatrix>(quantized.Output);
        byte[] bytes = RandomModels.Bytes(quantized);
        CollectionAssert.AreEqual(bytes, RandomModels.Bytes(RandomModels.Load(bytes)));
        Assert.AreEqual(model.Predict("w3 w5")[0].Label, quantized.Predict("w3 w5")[0].Label);
    }

    private static FastTextModel Large() => RandomModels.Classifier(FastTextLoss.Softmax, buckets: 1500);

    private static double Distance(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += ((double)left[i] - right[i]) * ((double)left[i] - right[i]);
        return sum;
    }

    private static double RelativeError(DenseMatrix matrix, QuantizedMatrix quantized)
    {
        double error = 0, total = 0;
        for (int row = 0; row < matrix.Rows; row++)
        {
            float[] decoded = new float[matrix.Columns];
            quantized.AddRow(row, decoded);
            error += Distance(matrix.Row(row), decoded);
            total += Distance(matrix.Row(row), new float[matrix.Columns]);
        }

        return error / total;
    }
}
