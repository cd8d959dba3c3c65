using System.Text;
using MLNet.Papers.FastText;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Training against hand-computed steps, against the equations written down a second time, and against libtorch.</summary>
[TestClass]
public sealed class TrainingFidelityTests : TensorTests
{
    private const int Seed = 5;

    [TestMethod]
    public void A_step_of_the_classifier_is_the_one_computed_by_hand()
    {
        // Rows (1, 0) and (0, 1), so h = (1/2, 1/2); labels (1, -1) and (0, 0), so both scores are 0 and both probabilities 1/2.
        FastTextModel model = Model(FastTextArchitecture.Supervised, FastTextLoss.Softmax, dimension: 2, ngrams: 0, ["a", "b"], ["x", "y"]);
        Fill(model.Input, 1, 0, 0, 1);
        Fill(model.Output!, 1, -1, 0, 0);
        FastTextModel trained = Train(model, learner => Learn(learner, model, "a b"u8, [0], 0.1f));
        AssertClose([1.025f, -0.975f, -0.025f, -0.025f], ((DenseMatrix)trained.Output!).Values.ToArray(), 1e-6);
        AssertClose([1.025f, -0.025f, 0.025f, 0.975f], ((DenseMatrix)trained.Input).Values.ToArray(), 1e-6);
    }

    [TestMethod]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling, 4)]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling, 5)]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.HierarchicalSoftmax, 0)]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.Softmax, 0)]
    [DataRow(FastTextArchitecture.Cbow, FastTextLoss.NegativeSampling, 5)]
    [DataRow(FastTextArchitecture.Cbow, FastTextLoss.HierarchicalSoftmax, 0)]
    public void Word_vectors_are_those_of_the_equations(FastTextArchitecture architecture, FastTextLoss loss, int negatives)
    {
        // "banana" names the row of "ana" twice, and "aaaa" that of "aa".
        string[] words = ["banana", "bandana", "</s>", "cabana", "aaaa", "nab", "banal", "canal", "nana", "cab", "dab", "lab"];
        FastTextModel model = Model(architecture, loss, dimension: 19, ngrams: 3, words, [], negatives: negatives);
        var plain = new PlainFastText(model, Seed);
        var lines = new List<int[]>();
        var random = new Random(1);
        for (int line = 0; line < 40; line++)
            lines.Add([.. random.GetItems([0, 1, 3, 4, 5], 6), 2]);
        LossMean measured = default;
        FastTextModel trained = Train(model, learner =>
        {
            foreach (int[] line in lines)
                Learn(learner, model, Encoding.UTF8.GetBytes(string.Join(' ', line[..^1].Select(word => words[word]))), [], 0.2f);
            measured = learner.Loss;
        });
        foreach (int[] line in lines)
            plain.LearnWords(line, 0.2f);

        Assert.AreEqual(plain.Examples, measured.Examples);
        Assert.AreEqual(plain.MeanLoss, measured.Sum / measured.Examples, 1e-5);
        AssertClose(plain.Input, trained.Input);
        AssertClose(plain.Output, trained.Output!);
    }

    [TestMethod]
    [DataRow(FastTextLoss.NegativeSampling)]
    [DataRow(FastTextLoss.HierarchicalSoftmax)]
    public void A_classifier_is_that_of_the_equations(FastTextLoss loss)
    {
        FastTextModel model = Model(FastTextArchitecture.Supervised, loss, dimension: 5, ngrams: 3, ["one", "two", "</s>", "three"], ["x", "y", "z", "w"]);
        var plain = new PlainFastText(model, Seed);
        FastTextModel trained = Train(model, learner =>
        {
            for (int i = 0; i < 30; i++)
                Learn(learner, model, i % 2 == 0 ? "one three"u8 : "two"u8, [i % 4], 0.3f);
        });
        for (int i = 0; i < 30; i++)
        {
            var rows = new List<int>();
            model.Dictionary.AppendLine(i % 2 == 0 ? "one three"u8 : "two"u8, rows, new LineTokens());
            plain.Learn([.. rows], [i % 4], 0.3f, 1.0 / rows.Count);
        }

        AssertClose(plain.Input, trained.Input);
        AssertClose(plain.Output, trained.Output!);
    }

    [TestMethod]
    public void A_step_of_the_classifier_is_that_of_libtorch()
    {
        FastTextModel model = Model(
            FastTextArchitecture.Supervised, FastTextLoss.Softmax, dimension: 7, ngrams: 3, ["one", "two", "</s>", "three"], ["x", "y", "z"]);
        const float LearningRate = 0.5f;
        var rows = new List<int>();
        model.Dictionary.AppendLine("three one unknown one"u8, rows, new LineTokens());
        Tensor input = Parameter(model.Input), output = Parameter(model.Output!);
        Tensor hidden = input.index_select(0, tensor(rows.Select(row => (long)row).ToArray())).mean([0], keepdim: true);
        Tensor loss = nn.functional.cross_entropy(hidden.matmul(output.t()), tensor(new long[] { 1 }));
        loss.backward();

        double measured = 0;
        FastTextModel trained = Train(model, learner =>
        {
            Learn(learner, model, "three one unknown one"u8, [1], LearningRate);
            learner.End();
            measured = learner.Loss.Sum;
        });
        Assert.AreEqual(loss.item<float>(), measured, 1e-5);
        AssertClose((input.detach() - (LearningRate * input.grad!)).data<float>().ToArray(), ((DenseMatrix)trained.Input).Values.ToArray(), 1e-5);
        AssertClose((output.detach() - (LearningRate * output.grad!)).data<float>().ToArray(), ((DenseMatrix)trained.Output!).Values.ToArray(), 1e-5);

        static Tensor Parameter(EmbeddingMatrix matrix) => tensor(((DenseMatrix)matrix).Values.ToArray(), [matrix.Rows, matrix.Columns]).requires_grad_();
    }

    [TestMethod]
    public void One_versus_all_decides_on_each_label_apart()
    {
        // h = (1, 0), so the scores are 0, 2 and -1.
        FastTextModel model = Model(FastTextArchitecture.Supervised, FastTextLoss.OneVersusAll, dimension: 2, ngrams: 0, ["a"], ["x", "y", "z"]);
        Fill(model.Input, 1, 0);
        Fill(model.Output!, 0, 0, 2, 0, -1, 0);
        double measured = 0;
        FastTextModel trained = Train(model, learner =>
        {
            Learn(learner, model, "a"u8, [0, 2], 0.1f);
            learner.End();
            measured = learner.Loss.Sum;
        });
        double yes = 1 / (1 + Math.Exp(-2.0)), no = 1 / (1 + Math.Exp(1.0));
        Assert.AreEqual(-Math.Log(0.5) - Math.Log(1 - yes) - Math.Log(no), measured, 1e-6);
        float[] output = ((DenseMatrix)trained.Output!).Values.ToArray();
        AssertClose([0.05f, 0, (float)(2 - (0.1 * yes)), 0, (float)(-1 + (0.1 * (1 - no))), 0], output, 1e-6);
        double step = 0.1 * ((-yes * 2) + ((1 - no) * -1));
        AssertClose([(float)(1 + step), 0], ((DenseMatrix)trained.Input).Values.ToArray(), 1e-6);
    }

    [TestMethod]
    public void Registers_of_either_width_give_the_same_vectors()
    {
        FastTextModel model = Model(
            FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling, dimension: 37, ngrams: 3, ["banana", "bandana", "</s>", "cabana"], []);
        float[] narrow = Trained<Lanes256>(), wide = Trained<Lanes512>();
        AssertClose(narrow, wide, 1e-5);

        float[] Trained<TLanes>()
            where TLanes : struct, ILanes<TLanes>
        {
            FastTextNetwork network = FastTextNetwork.Of(model);
            Learner learner = network.CreateLearner<TLanes>(Seed, 0);
            for (int line = 0; line < 20; line++)
                Learn(learner, model, "banana cabana bandana banana"u8, [], 0.1f);
            return ((DenseMatrix)network.ToModel().Input).Values.ToArray();
        }
    }

    [TestMethod]
    public void Numbers_are_drawn_with_their_probabilities()
    {
        double[] weights = [5, 0.5, 0, 3, 1.5];
        var table = new AliasTable(weights);
        var random = new SplitMix(1, 2);
        int[] drawn = new int[weights.Length];
        const int Draws = 200_000;
        for (int i = 0; i < Draws; i++)
            drawn[table.Draw(ref random)]++;
        for (int number = 0; number < weights.Length; number++)
            Assert.AreEqual(weights[number] / weights.Sum(), (double)drawn[number] / Draws, 0.005);
    }

    [TestMethod]
    public void Frequent_words_are_passed_over_as_often_as_they_should()
    {
        // f = 1/2 and t = 0.01: kept with probability sqrt(t/f) + t/f = 0.1614.
        FastTextModel model = Model(
            FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling, dimension: 2, ngrams: 0, ["a", "b"], [], counts: [50, 50], tokens: 100,
            threshold: 0.01);
        uint[] thresholds = FastTextNetwork.Of(model).KeepThresholds;
        Assert.AreEqual(Math.Sqrt(0.02) + 0.02, thresholds[0] / (double)uint.MaxValue, 1e-6);
        FastTextModel rare = Model(
            FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling, dimension: 2, ngrams: 0, ["a"], [], counts: [1], tokens: 1000, threshold: 0.01);
        Assert.AreEqual(uint.MaxValue, FastTextNetwork.Of(rare).KeepThresholds[0]);
    }

    private static void Learn(Learner learner, FastTextModel model, ReadOnlySpan<byte> text, ReadOnlySpan<int> labels, float learningRate)
    {
        int[] labelIds = [.. Enumerable.Range(0, model.Dictionary.LabelCount)];
        var parser = new LineParser(learner, model.Dictionary, labelIds);
        parser.Parse(text, labels);
        learner.Learn(parser.Parsed.ToArray(), learningRate);
    }

    private static FastTextModel Train(FastTextModel model, Action<Learner> learn)
    {
        FastTextNetwork network = FastTextNetwork.Of(model);
        Learner learner = network.CreateLearner(Seed, 0);
        learn(learner);
        learner.End();
        return network.ToModel();
    }

    private static FastTextModel Model(
        FastTextArchitecture architecture,
        FastTextLoss loss,
        int dimension,
        int ngrams,
        string[] words,
        string[] labels,
        long[]? counts = null,
        long tokens = 100,
        double threshold = 1e9,
        int negatives = 4)
    {
        var arguments = new FastTextArguments
        {
            Architecture = architecture,
            Loss = loss,
            Dimension = dimension,
            WindowSize = 3,
            Epochs = 1,
            MinimumCount = 1,
            NegativeSamples = negatives,
            WordNgrams = 1,
            Buckets = ngrams > 0 ? 40 : 0,
            MinNgramLength = ngrams > 0 ? 2 : 0,
            MaxNgramLength = ngrams,
            LearningRateUpdateRate = 100,
            SamplingThreshold = threshold,
        };
        DictionaryEntry[] entries =
        [
            .. words.Select((word, index) => new DictionaryEntry(Encoding.UTF8.GetBytes(word), counts?[index] ?? Math.Max(9 - index, 1), IsLabel: false)),
            .. labels.Select((label, index) => new DictionaryEntry(Encoding.UTF8.GetBytes($"__label__{label}"), 9 - index, IsLabel: true)),
        ];
        var dictionary = new FastTextDictionary(entries, tokens, arguments);
        var random = new Random(2);
        int outputs = architecture == FastTextArchitecture.Supervised ? labels.Length : words.Length;
        return new FastTextModel(
            arguments, dictionary, RandomModels.Dense(random, words.Length + arguments.Buckets, dimension), RandomModels.Dense(random, outputs, dimension));
    }

    private static void Fill(EmbeddingMatrix matrix, params float[] values) => values.CopyTo(((DenseMatrix)matrix).Values);

    private static void AssertClose(double[][] expected, EmbeddingMatrix actual) =>
        AssertClose([.. expected.SelectMany(row => row).Select(value => (float)value)], ((DenseMatrix)actual).Values.ToArray(), 2e-5);

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance, $"Value {i}.");
    }
}
