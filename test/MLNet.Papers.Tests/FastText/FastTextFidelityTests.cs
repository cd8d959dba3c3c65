using System.Text;
using MLNet.Papers.FastText;

namespace MLNet.Papers.Tests.FastText;

/// <summary>The published program's numbers, sums by hand, and slow second ways to the same values.</summary>
[TestClass]
public sealed class FastTextFidelityTests
{
    [TestMethod]
    [DataRow("word")]
    [DataRow("sentence")]
    public void Vectors_are_those_of_the_reference_program(string command)
    {
        int compared = 0;
        foreach (GoldenLine line in GoldenLine.Of(command))
        {
            FastTextModel model = line.Load();
            float[] actual = command == "word" ? model.GetWordVector(line.Query) : model.GetSentenceVector(line.Query);
            float[] expected = [.. line.Fields.Select(GoldenLine.Number)];
            Assert.HasCount(expected.Length, actual);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], actual[i], 1e-6 + (1e-4 * Math.Abs(expected[i])), $"{line.Model} '{line.Query}' [{i}]");
            compared++;
        }

        Assert.IsGreaterThan(20, compared);
    }

    [TestMethod]
    public void Subwords_are_those_of_the_reference_program()
    {
        foreach (GoldenLine line in GoldenLine.Of("ngrams"))
            CollectionAssert.AreEqual(line.Fields, line.Load().GetSubwords(line.Query).Select(piece => piece.Text).ToArray(), $"{line.Model} '{line.Query}'");
    }

    [TestMethod]
    public void Neighbours_and_analogies_are_those_of_the_reference_program()
    {
        foreach (GoldenLine line in GoldenLine.Of("nn").Concat(GoldenLine.Of("analogies")))
        {
            FastTextModel model = line.Load();
            string[] query = line.Query.Split(' ');
            IReadOnlyList<WordSimilarity> actual = line.Command == "nn" ? model.NearestNeighbors(line.Query, 4) : model
                .Analogies(query[0], query[1], query[2], 4);
            float[] similarities = [.. line.Fields.Where((_, i) => i % 2 == 1).Select(GoldenLine.Number)];
            if (similarities.Any(similarity => similarity != 0))
            {
                CollectionAssert.AreEqual(
                    line.Fields.Where((_, i) => i % 2 == 0).ToArray(), actual.Select(word => word.Word).ToArray(), $"{line.Model} '{line.Query}'");
            }

            for (int i = 0; i < similarities.Length; i++)
                Assert.AreEqual(similarities[i], actual[i].Similarity, 2e-6, $"{line.Model} '{line.Query}'");
        }
    }

    [TestMethod]
    public void Predictions_are_those_of_the_reference_program()
    {
        foreach (GoldenLine line in GoldenLine.Of("predict").Where(line => line.Model != "oneVersusAll.bin"))
        {
            string[] command = line.Command.Split(' ');
            IReadOnlyList<LabelProbability> actual = line.Load().Predict(line.Query, int.Parse(command[1]), GoldenLine.Number(command[2]));
            string[] labels = [.. line.Fields.Where((_, i) => i % 2 == 0)];
            CollectionAssert.AreEqual(labels, actual.Select(label => $"__label__{label.Label}").ToArray(), $"{line.Model} '{line.Query}'");
            for (int i = 0; i < labels.Length; i++)
                Assert.AreEqual(GoldenLine.Number(line.Fields[(2 * i) + 1]), actual[i].Probability, 1e-5, $"{line.Model} '{line.Query}'");
        }
    }

    // The reference looks sigmoids up in a table whose steps are 1/32 wide: its values are lower by up to 1/32 · 1/4.
    [TestMethod]
    public void Labels_decided_apart_differ_from_the_reference_program_by_its_table_at_most()
    {
        foreach (GoldenLine line in GoldenLine.Of("predict").Where(line => line.Model == "oneVersusAll.bin"))
        {
            Dictionary<string, float> actual = line.Load().Predict(line.Query, k: 6)
                .ToDictionary(label => $"__label__{label.Label}", label => label.Probability);
            for (int i = 0; i < line.Fields.Length; i += 2)
            {
                float difference = actual[line.Fields[i]] - GoldenLine.Number(line.Fields[i + 1]);
                Assert.IsTrue(difference is > -2e-6f and < 1 / 128f, $"'{line.Query}' {line.Fields[i]}: {difference}");
            }
        }
    }

    [TestMethod]
    public void Two_rows_and_two_labels_by_hand()
    {
        // h = ((1, 0) + (0, 1)) / 2 = (1/2, 1/2); logits (1, 3) · h = 2 and (0, 2) · h = 1; p = e^2 / (e^2 + e^1) = 1 / (1 + e^-1).
        FastTextModel model = ByHand(FastTextLoss.Softmax);
        CollectionAssert.AreEqual(new[] { 0.5f, 0.5f }, model.GetSentenceVector("a b"));
        IReadOnlyList<LabelProbability> labels = model.Predict("a b", k: 2);
        Assert.AreEqual("yes", labels[0].Label);
        Assert.AreEqual((1 / (1 + Math.Exp(-1))) + 1e-5, labels[0].Probability, 1e-6);
        // Sigmoids of 2 and 1 do not add up to 1.
        labels = ByHand(FastTextLoss.OneVersusAll).Predict("a b", k: 2);
        Assert.AreEqual((1 / (1 + Math.Exp(-2))) + 1e-5, labels[0].Probability, 1e-6);
        Assert.AreEqual((1 / (1 + Math.Exp(-1))) + 1e-5, labels[1].Probability, 1e-6);
        // One inner node, row 0: left is the rarer label, so "yes" is right of it with sigmoid(2).
        labels = ByHand(FastTextLoss.HierarchicalSoftmax).Predict("a b", k: 2);
        Assert.AreEqual("yes", labels[0].Label);
        Assert.AreEqual((1 / (1 + Math.Exp(-2))) + 1e-5, labels[0].Probability, 1e-6);
    }

    [TestMethod]
    public void Only_the_mean_of_normalised_words_is_a_sentence_of_word_vectors()
    {
        // (3, 4) / 5 = (0.6, 0.8) and (0, 2) / 2 = (0, 1): their mean is (0.3, 0.9), while that of the words as they are would be (1.5, 3).
        FastTextArguments arguments = RandomModels.Vectors(dimension: 2, maximum: 0).Arguments;
        var model = new FastTextModel(arguments, new FastTextDictionary([Word("a"), Word("b")], 2, arguments), new DenseMatrix([3, 4, 0, 2], 2, 2), null);
        float[] actual = model.GetSentenceVector(" a\tunknown b ");
        Assert.AreEqual(0.3, actual[0], 1e-6);
        Assert.AreEqual(0.9, actual[1], 1e-6);
    }

    [TestMethod]
    public void The_leaves_of_a_tree_are_products_along_their_paths()
    {
        var random = new Random(5);
        foreach (int outputs in new[] { 1, 2, 3, 7, 40 })
        {
            long[] counts = [.. Enumerable.Range(0, outputs).Select(_ => (long)random.Next(1, 100)).OrderDescending()];
            DenseMatrix rows = RandomModels.Dense(random, outputs, 4);
            float[] hidden = RandomModels.Dense(random, 1, 4).Values.ToArray();
            var tree = new HuffmanTree(counts);
            double[] expected =
            [
                .. Enumerable.Range(0, outputs)
                    .Select(output => tree.Path(output).Aggregate(1.0, (product, step) => product * Decision(step.Row, step.IsRight))),
            ];
            Assert.AreEqual(1, expected.Sum(), 1e-6);

            var scorer = new LabelScorer(FastTextLoss.HierarchicalSoftmax, rows, counts);
            float[] actual = new float[outputs];
            scorer.Score(hidden, actual);
            for (int output = 0; output < outputs; output++)
                Assert.AreEqual(expected[output], actual[output], 1e-6);
            int[] best = [.. Enumerable.Range(0, outputs).OrderByDescending(output => expected[output]).Take(3)];
            CollectionAssert.AreEqual(best, scorer.Best(hidden, 3, 0, new float[outputs]).Select(label => label.Id).ToArray());
            // The optimal code: no shorter total is possible than that of a tree built by always joining the two rarest.
            Assert.AreEqual(ShortestTotal(counts), Enumerable.Range(0, outputs).Sum(output => counts[output] * tree.Path(output).Count()));

            double Decision(int row, bool isRight)
            {
                double sigmoid = 1 / (1 + Math.Exp(-Enumerable.Range(0, 4).Sum(i => (double)rows.Row(row)[i] * hidden[i])));
                return isRight ? sigmoid : 1 - sigmoid;
            }
        }
    }

    [TestMethod]
    [DataRow(2, true)]
    [DataRow(2, false)]
    [DataRow(3, true)]
    [DataRow(16, false)]
    public void Codes_stand_for_the_rows_they_decode_to(int pieceLength, bool hasNorms)
    {
        var random = new Random(6);
        foreach (int dimension in new[] { 1, 2, 5, 8, 11, 24, 33 })
        {
            QuantizedMatrix matrix = RandomModels.Quantized(random, 20, dimension, pieceLength, hasNorms);
            float[] vector = RandomModels.Dense(random, 1, dimension).Values.ToArray();
            for (int row = 0; row < 20; row++)
            {
                double[] decoded = Decode(matrix, row, dimension, pieceLength);
                float[] sum = [.. vector];
                matrix.AddRow(row, sum, -2);
                for (int i = 0; i < dimension; i++)
                    Assert.AreEqual(vector[i] - (2 * decoded[i]), sum[i], 1e-5);
                Assert.AreEqual(decoded.Zip(vector, (left, right) => left * right).Sum(), matrix.Dot(row, vector), 1e-5);
            }
        }
    }

    // From the layout of the file: centroid c of piece q begins at (q · 256 + c) · dsub, in the last piece at q · 256 · dsub + c · lastdsub.
    private static double[] Decode(QuantizedMatrix matrix, int row, int dimension, int pieceLength)
    {
        double norm = matrix.NormCodes is null ? 1 : matrix.NormQuantizer!.Centroids[matrix.NormCodes[row]];
        int pieces = (dimension + pieceLength - 1) / pieceLength;
        int last = dimension % pieceLength == 0 ? pieceLength : dimension % pieceLength;
        return
        [
            .. Enumerable.Range(0, dimension).Select(i =>
            {
                int piece = i / pieceLength;
                int code = matrix.Codes[(row * pieces) + piece];
                int start = piece == pieces - 1 ? (piece * 256 * pieceLength) + (code * last) : ((piece * 256) + code) * pieceLength;
                return norm * matrix.Quantizer.Centroids[start + (i % pieceLength)];
            }),
        ];
    }

    private static long ShortestTotal(long[] counts)
    {
        var open = new PriorityQueue<long, long>(counts.Select(count => (count, count)));
        long total = 0;
        while (open.Count > 1)
        {
            long joined = open.Dequeue() + open.Dequeue();
            total += joined;
            open.Enqueue(joined, joined);
        }

        return total;
    }

    private static FastTextModel ByHand(FastTextLoss loss)
    {
        FastTextArguments arguments = RandomModels.Classifier(loss, dimension: 2).Arguments with { Buckets = 0 };
        var dictionary = new FastTextDictionary([Word("a"), Word("b"), Word("__label__yes", 2), Word("__label__no", 1)], 4, arguments);
        return new FastTextModel(arguments, dictionary, new DenseMatrix([1, 0, 0, 1], 2, 2), new DenseMatrix([1, 3, 0, 2], 2, 2));
    }

    private static DictionaryEntry Word(string name, long count = 1) =>
        new(Encoding.UTF8.GetBytes(name), count, name.StartsWith("__label__", StringComparison.Ordinal));
}
