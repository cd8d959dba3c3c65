using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Elmo;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>How the language model is learned: windows, gradients, sampled words, checkpoints, and what is refused.</summary>
[TestClass]
public sealed partial class ElmoTrainingTests
{
    [TestMethod]
    public void Both_directions_read_the_same_sentences_and_predict_the_next_word()
    {
        // Three sentences, "a b", "c" and "d e f": 3 + 2 + 4 = 9 steps, in one stream of windows of 3.
        TokenCorpus corpus = Corpus(["a b", "c", "d e f"]);
        var streams = new SentenceStreams(corpus, streams: 1, window: 3, seed: 1);
        Assert.AreEqual(3L, streams.WindowsPerEpoch);
        string[] names = [.. corpus.Words, "<S>", "</S>"];
        for (int epoch = 0; epoch < 2; epoch++)
        {
            List<string> forward = Read(0), backward = Read(1);
            string[] sentences = ["<S>a ab b</S>", "<S>c c</S>", "<S>d de ef f</S>"];
            string joined = string.Join(' ', forward);
            foreach (string sentence in sentences)
                Assert.Contains(sentence, joined, $"epoch {epoch}");
            string reversed = string.Join(' ', backward);
            foreach (string sentence in new[] { "</S>b ba a<S>", "</S>c c<S>", "</S>f fe ed d<S>" })
                Assert.Contains(sentence, reversed, $"epoch {epoch}");

            List<string> Read(int direction)
            {
                var pairs = new List<string>();
                int[] inputs = new int[3], targets = new int[3];
                for (int window = 0; window < 3; window++)
                {
                    streams.Read((3 * epoch) + window, direction, inputs, targets);
                    pairs.AddRange(inputs.Zip(targets, (input, target) => names[input] + names[target]));
                }

                return pairs;
            }
        }
    }

    [TestMethod]
    public void Streams_have_no_padding_and_shrink_with_the_corpus()
    {
        TokenCorpus corpus = Corpus(Enumerable.Range(0, 40).Select(row => string.Join(' ', ElmoSentences.Tokens(row))));
        long steps = corpus.TokenCount + corpus.SentenceCount;
        var streams = new SentenceStreams(corpus, streams: 1000, window: 5, seed: 1);
        Assert.AreEqual((int)(steps / 5), streams.Streams);
        Assert.AreEqual(1L, streams.WindowsPerEpoch);
        var few = new SentenceStreams(corpus, streams: 3, window: 5, seed: 1);
        Assert.AreEqual(steps / 3 / 5, few.WindowsPerEpoch);
    }

    [TestMethod]
    public void States_go_on_from_window_to_window()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var layer = new Lstm(2, 5, 3, 3, 3);
        using var weights = new WeightModule(layer.Weights(3));
        Tensor window = randn(2, 6, 4, 3);
        RecurrentState zero = layer.ZeroState(window);
        (Tensor whole, _) = layer.Run(window, zero, weights.Of);
        (Tensor first, RecurrentState state) = layer.Run(window.narrow(1, 0, 2), zero, weights.Of);
        (Tensor second, _) = layer.Run(window.narrow(1, 2, 4), state, weights.Of);
        Assert.IsTrue(allclose(whole, cat([first, second], 1), 1e-6, 1e-6));
        Tensor anew = layer.Run(window.narrow(1, 2, 4), zero, weights.Of).Outputs;
        Assert.IsFalse(allclose(whole.narrow(1, 2, 4), anew, 1e-3, 1e-3));

        // A sequence that begins at step 2 is as if it stood alone, and the others go on.
        Tensor kept = ones(2, 6, 4, 1);
        kept[1, 2, 3, 0] = tensor(0f);
        Tensor begun = layer.Run(window, zero, weights.Of, kept).Outputs;
        Assert.IsTrue(allclose(begun[1].narrow(0, 2, 4).select(1, 3), anew[1].select(1, 3), 1e-6, 1e-6));
        Assert.IsTrue(allclose(begun[0], whole[0], 1e-6, 1e-6));
        Assert.IsTrue(allclose(begun[1].narrow(1, 0, 3), whole[1].narrow(1, 0, 3), 1e-6, 1e-6));
    }

    [TestMethod]
    public void Gradients_of_a_window_are_those_of_finite_differences()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(3).Dispose();
        var layer = new Lstm(2, 4, 2, 0.5, 0.2);
        using var weights = new WeightModule(layer.Weights(3));
        weights.to(ScalarType.Float64);
        Tensor window = randn([2, 5, 3, 3], ScalarType.Float64), direction = randn([2, 5, 3, 2], ScalarType.Float64);
        Loss().backward();
        foreach ((string name, TorchSharp.Modules.Parameter weight) in weights.named_parameters())
        {
            using IDisposable noGradient = no_grad();
            Tensor step = randn_like(weight) * 1e-6;
            double slope = (weight.grad! * step).sum().item<double>();
            weight.add_(step);
            double above = Loss().item<double>();
            weight.sub_(2 * step);
            double below = Loss().item<double>();
            weight.add_(step);
            Assert.AreEqual((above - below) / 2, slope, 1e-5 * Math.Max(1e-6, Math.Abs(slope)), name);
        }

        Tensor Loss() => (layer.Run(window, layer.ZeroState(window), weights.Of).Outputs * direction).sum();
    }

    [TestMethod]
    public void Sampled_words_stand_for_all_in_expectation()
    {
        const int Words = 600, Samples = 40, Draws = 10_000;
        var sampler = new LogUniformSampler(Words);
        Assert.AreEqual(1, Enumerable.Range(0, Words).Sum(sampler.Probability), 1e-12);
        var random = new Random(7);
        double[] values = [.. Enumerable.Range(0, Words).Select(rank => Math.Exp(Math.Sin(rank)) / (rank + 1))];
        double sum = 0;
        for (int draw = 0; draw < Draws; draw++)
        {
            (int[] ranks, long tries) = sampler.Draw(random, Samples);
            Assert.HasCount(Samples, ranks.Distinct().ToArray());
            sum += ranks.Sum(rank => values[rank] / sampler.ExpectedCount(rank, tries));
        }

        Assert.AreEqual(values.Sum(), sum / Draws, 0.01 * values.Sum());
    }

    [TestMethod]
    public void The_sampled_loss_leaves_out_what_is_right_by_accident()
    {
        using DisposeScope scope = NewDisposeScope();
        const int Words = 9, Samples = 5;
        var sampler = new LogUniformSampler(Words);
        Tensor states = randn(4, 3), weight = randn(Words, 3), bias = randn(Words);
        long[] targets = [0, 1, 1, 8];
        double actual = new SampledSoftmax(sampler, Samples).Loss(states, targets, weight, bias, new Random(11)).item<float>();
        (int[] others, long tries) = sampler.Draw(new Random(11), Samples);
        Tensor logits = nn.functional.linear(states, weight, bias);
        double expected = targets.Select((target, row) =>
        {
            double right = Logit(row, (int)target);
            return -Math.Log(Math.Exp(right) / (Math.Exp(right) + others.Where(other => other != target).Sum(other => Math.Exp(Logit(row, other)))));
        }).Average();
        Assert.AreEqual(expected, actual, 1e-5);

        double Logit(int row, int word) => logits[row, word].item<float>() - Math.Log(1 - Math.Pow(1 - sampler.Probability(word), tries));
    }

    [TestMethod]
    public void It_learns_what_comes_next_and_what_came_before()
    {
        MemoryView data = new([MemoryColumn.Texts("Text", Enumerable.Range(0, 24).Select(row => string.Join(' ', ElmoSentences.Tokens(row))))]);
        var log = new List<string>();
        var ml = new MLContext(1);
        ml.Log += (_, message) => log.Add(message.RawMessage);
        ElmoOptions options = Options();
        (options.Epochs, options.Validation, options.ValidationInterval, options.Dropout, options.LearningRate) = (35, data, 60, 0, 2e-2);
        using ElmoTransformer elmo = ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options).Fit(data);
        ElmoLanguageModelMetrics metrics = elmo.EvaluateLanguageModel(data);
        // Within a sentence every word is certain but the first, of 3, and where it ends, of 2 at up to 4 places: about 1.7 forward; backward the first of 12.
        Assert.IsLessThan(2.2, metrics.ForwardPerplexity);
        Assert.IsLessThan(3, metrics.BackwardPerplexity);
        Assert.AreEqual(0, metrics.UnknownRate);
        Assert.AreEqual(Enumerable.Range(0, 24).Sum(row => ElmoSentences.Tokens(row).Length + 1L), metrics.Predictions);

        // The validation of the training, by the module that trains, is a second route to the same figures; the best of them is that of the weights that were
        // kept.
        double[][] seen = [.. log.Select(line => Perplexities().Match(line)).Where(match => match.Success)
            .Select(
                match => new[]
                {
                    double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture),
                    double.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture),
                })];
        double[] best = seen.MinBy(pair => pair[0] * pair[1])!;
        Assert.AreEqual(best[0], metrics.ForwardPerplexity, 0.01);
        Assert.AreEqual(best[1], metrics.BackwardPerplexity, 0.01);
        Assert.IsGreaterThan(best[0], seen[0][0]);
    }

    [TestMethod]
    public void Adagrad_begins_with_an_accumulator_of_one()
    {
        // A gradient of 3 moves a weight by 0.2 * 3 / sqrt(1 + 9) = 0.189737; without the accumulator it would be 0.2.
        using DisposeScope scope = NewDisposeScope();
        using TorchSharp.Modules.Linear network = nn.Linear(1, 1, hasBias: false);
        using (no_grad())
            network.weight!.zero_();
        NetworkOptimizer optimizer = OptimizerSettings.Of(TrainingOptimizer.Adagrad).Create([.. network.named_parameters()]);
        optimizer.LearningRate = 0.2;
        (3 * network.weight!).sum().backward();
        optimizer.Step();
        Assert.AreEqual(-0.189737f, network.weight!.item<float>(), 1e-5f);
    }

    [TestMethod]
    [DataRow(TrainingOptimizer.Adam, false)]
    [DataRow(TrainingOptimizer.Adagrad, true)]
    public void A_killed_training_goes_on_where_it_was(TrainingOptimizer optimizer, bool carryStates)
    {
        MemoryView data = new([ElmoSentences.Texts(40)]);
        ElmoOptions options = Options();
        (options.Optimizer, options.CarryStates) = (optimizer, carryStates);
        BrokenTraining.GoesOnWhereItWas(options, ml =>
        {
            using ElmoTransformer elmo = ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options).Fit(data);
            return
            [
                .. Table.Read(elmo.Transform(data), [elmo.GetOutputSchema(data.Schema)["Features"]]).Columns.Single().Value.SelectMany(row => (float[])row),
            ];
        });
    }

    [TestMethod]
    public void What_cannot_be_learned_from_is_refused_with_its_numbers()
    {
        AssertRefused(
            "Column 'Text' has 3 tokens in 1 rows; with the ends of rows training needs at least two windows of WindowLength = 5", ["a b c"], Options());
        AssertRefused("column 'Text' has no tokens in 2 rows", ["", "   "], Options());
        ElmoOptions rare = Options();
        rare.MinWordCount = 3;
        AssertRefused(
            "Column 'Text' has no word that occurs at least MinWordCount = 3 times; its rows have 12 different ones", ["a b c d e f g h i j k l"], rare);
        ElmoOptions few = Options();
        few.MaxTrainingTokens = 5;
        AssertRefused("Column 'Text' has more than MaxTrainingTokens = 5 tokens in its first 2 rows", ["a b c", "d e f"], few);

        static void AssertRefused(string message, string[] texts, ElmoOptions options)
        {
            IDataView data = new MemoryView([MemoryColumn.Texts("Text", texts)]);
            InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
                () => new MLContext(1).Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options).Fit(data));
            Assert.Contains(message, error.Message);
        }
    }

    [TestMethod]
    public void Options_that_contradict_each_other_are_refused()
    {
        AssertRefused("CellSize must be at least ProjectionSize = 128, but was 64", new() { CellSize = 64 });
        AssertRefused("FilterCounts must have as many numbers as FilterWidths", new() { FilterWidths = [1, 2] });
        AssertRefused("FilterWidths must be at most MaxCharacters = 8, but was 9", new() { FilterWidths = [9], FilterCounts = [4], MaxCharacters = 8 });
        AssertRefused("MixWeights must have 3 weights, one for the context-free layer and one for each of 2 layers, but has 2", new() { MixWeights = [1, 2] });
        AssertRefused("must have different names", new() { TokensColumnName = "Features" });

        static void AssertRefused(string message, ElmoOptions options)
        {
            ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options));
            Assert.Contains(message, error.Message);
        }
    }

    private static ElmoOptions Options() => new()
    {
        ProjectionSize = 8,
        CellSize = 16,
        FilterWidths = [1, 3],
        FilterCounts = [8, 8],
        MaxCharacters = 12,
        WindowLength = 5,
        BatchSize = 4,
        MinWordCount = 1,
        NegativeSamples = 0,
        LearningRate = 1e-2,
        Epochs = 3,
        KeepLanguageModel = true,
    };

    private static TokenCorpus Corpus(IEnumerable<string> texts)
    {
        var ml = new MLContext();
        return TokenCorpus.Read(
            Interop.Host.EnvironmentOf(ml.Transforms), new MemoryView([MemoryColumn.Texts("Text", texts)]), "Text", ElmoModel.MaxTokens, 1_000_000);
    }

    [GeneratedRegex(@"Validation perplexity: forward ([\d.]+), backward ([\d.]+)\.")]
    private static partial Regex Perplexities();
}
