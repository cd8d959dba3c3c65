using MLNet.Papers.CoVe;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Texts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>The network by hand, against libtorch's own layers, against itself in another form, and against finite differences.</summary>
[TestClass]
public sealed class CoVeFidelityTests
{
    private static readonly string[][] Sentences = [["the", "red", "house"], ["the", "blue", "boat", "stands", "the", "car"], ["dog"]];

    [TestMethod]
    public void A_cell_by_hand()
    {
        // All weights 0 and the biases of i, o and g 10: c = tanh(10) = 1, h = tanh(1) = 0.76159 but for sigmoid(10) = 0.99995; with f = 0.5 the next c is 1.5,
        // h = tanh(1.5) = 0.90515.
        var architecture = new EncoderArchitecture { EmbeddingSize = 8, HiddenSize = 1, Layers = 1 };
        NetworkWeights weights = NetworkWeights.Of(architecture, new Dictionary<string, float[]>
        {
            ["layers.0.input"] = new float[2 * 8 * 4],
            ["layers.0.recurrent"] = new float[2 * 4],
            ["layers.0.bias"] = [10, 0, 10, 10, 10, 0, 10, 10],
        });
        using var scorer = EncoderScorer.Create(new EncoderModel(architecture, weights, TranslatedSentences.Vectors()), TorchDevice.Cpu);
        EncodedSentence encoded = SmallTranslator.Encode(scorer, ["the", "red"])[0];
        float[] expected = [0.76159f, 0.90515f, 0.90515f, 0.76159f];
        for (int i = 0; i < 4; i++)
            Assert.AreEqual(expected[i], Layer(encoded, 0)[i], 1e-4f);
        Assert.AreEqual(1.5f, Cells(encoded, 0)[0], 2e-4f);
    }

    // N × 2H.
    private static float[] Layer(EncodedSentence sentence, int layer) => [.. Enumerable.Range(0, sentence.Tokens.Length).SelectMany(token =>
    {
        float[] vector = new float[2 * sentence.Layers.Step(layer + 1, 0, 0).Length];
        sentence.CopyToken(layer, token, vector);
        return vector;
    })];

    private static float[] Cells(EncodedSentence sentence, int layer) => [.. sentence.Layers.Cells(layer, 0), .. sentence.Layers.Cells(layer, 1)];

    [TestMethod]
    public void The_published_encoder_has_its_number_of_weights()
    {
        // 3,609,600 with libtorch's two biases of each gate, of which one is enough: 2 directions of 2 layers of 4 gates of 300 less.
        INetworkArchitecture architecture = new EncoderArchitecture { EmbeddingSize = 300, HiddenSize = 300, Layers = 2 };
        Assert.AreEqual(3_609_600 - (2 * 2 * 4 * 300), architecture.ParameterCount);
    }

    [TestMethod]
    public void Attention_by_hand()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using var weights = new WeightModule(new MemoryAttention(2).AllWeights());
        // W_1 is the identity, and W_2 takes half of the context and nothing of the state.
        weights.state_dict()["score"].copy_(eye(2));
        weights.state_dict()["combine"].copy_(tensor(new[] { 0.5f, 0, 0, 0.5f, 0, 0, 0, 0 }, [4, 2]));
        Tensor top = tensor(new float[] { 1, 0, 0, 1 }, [2, 1, 2]), state = tensor(new[] { MathF.Log(3), 0 }, [1, 1, 2]);
        (Tensor said, Tensor attention) = Attend(MemoryAttention.Remember(top, null, weights.Of), state);
        // Scores ln 3 and 0: 3/4 and 1/4.
        AssertNear([0.75f, 0.25f], attention);
        AssertNear([MathF.Tanh(0.375f), MathF.Tanh(0.125f)], said);

        // Equal scores over four tokens: their mean. One token is attended to wholly, and what is blocked not at all.
        Tensor four = tensor(new float[] { 1, 0, 3, 0, 5, 0, 7, 0 }, [4, 1, 2]);
        (said, attention) = Attend(MemoryAttention.Remember(four, null, weights.Of), zeros(1, 1, 2));
        AssertNear([0.25f, 0.25f, 0.25f, 0.25f], attention);
        AssertNear([MathF.Tanh(2), 0], said);
        AssertNear([1], Attend(MemoryAttention.Remember(four[..1], null, weights.Of), state).Attention);
        Tensor blocked = tensor(new[] { float.NegativeInfinity, 0, 0, float.NegativeInfinity }, [1, 1, 4]);
        attention = Attend(MemoryAttention.Remember(four, blocked, weights.Of), zeros(1, 1, 2)).Attention;
        CollectionAssert.AreEqual(new[] { 0f, 0.5f, 0.5f, 0f }, attention.data<float>().ToArray());

        (Tensor Said, Tensor Attention) Attend(AttentionMemory memory, Tensor states) => MemoryAttention.Attend(memory, states, weights.Of);
    }

    [TestMethod]
    public void The_kernel_attends_as_torch_does()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        random.manual_seed(3).Dispose();
        foreach (int size in new[] { 1, 2, 19, 32 })
        {
            var attention = new MemoryAttention(size);
            using var weights = new WeightModule(attention.AllWeights());
            Tensor vectors = randn(6, 3, size), states = randn(3, 1, size);
            (Tensor said, Tensor alpha) = MemoryAttention.Attend(MemoryAttention.Remember(vectors, null, weights.Of), states, weights.Of);
            float[] ours = new float[3 * size];
            float[][] attended = attention.Kernel(name => Values(weights.Of(name)))
                .Attend(Array.ConvertAll(vectors.unbind(1), Values), Values(states), ours);
            AssertNear(ours, said, 1e-5f);
            AssertNear([.. attended.SelectMany(row => row)], alpha, 1e-5f);
        }
    }

    [TestMethod]
    public void A_stack_step_by_step_is_the_stack_at_once()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        random.manual_seed(4).Dispose();
        foreach (Recurrent layer in new Recurrent[] { new Lstm(1, 7), new Lstm(1, 7, 3, 0.5, 0.25), new Gru(1, 5), new Layers.Janet(1, 18) })
        {
            foreach (bool skips in new[] { false, true })
            {
                var stack = new RecurrentStack(4, [layer, layer, layer], JoinsDirections: true, SkipConnections: skips);
                using var weights = new WeightModule(stack.AllWeights());
                Tensor window = randn(5, 3, 4);
                (Tensor[] outputs, RecurrentState[] after) = stack.Run(window, weights.Of);
                RecurrentState[] states = [.. stack.Layers.Select(own => own.ZeroState(window.unsqueeze(0)))];
                StackStep step = stack.Step(weights.Of);
                var stepper = new StackStepper(stack, name => Values(weights.Of(name)));
                StackState state = stepper.ZeroState(3);
                Tensor[] gates = layer.InputGates(window.unsqueeze(0), RecurrentStack.Own<Tensor>(weights.Of, 0));
                for (int i = 0; i < gates.Length; i++)
                {
                    (Tensor output, states) = step(gates[i], states);
                    AssertNear(Values(outputs[^1][i]), output, 1e-5f);
                    // The sequences in another order and back: a state is a sequence's own.
                    float[] ours = new float[3 * stack.OutputSize];
                    state = state.Of([2, 0, 1]);
                    stepper.Step(Values(window[i].index_select(0, tensor(new long[] { 2, 0, 1 }))), state, ours);
                    state = state.Of([1, 2, 0]);
                    AssertNear(ours, output[0].index_select(0, tensor(new long[] { 2, 0, 1 })), 1e-5f);
                }

                for (int i = 0; i < after.Length; i++)
                    AssertNear(Values(after[i].Cell), states[i].Cell, 1e-5f);
            }
        }
    }

    [TestMethod]
    public void One_file_knows_each_of_the_decoders_weights()
    {
        var architecture = new DecoderArchitecture { EmbeddingSize = 1, StateSize = 2, Layers = 1, Words = 4, InputFeeding = true };
        string[] sources = [.. Repository.Files("src", "*.cs").Where(file => Path.GetFileName(Path.GetDirectoryName(file)) is "CoVe" or "Layers")];
        foreach (string name in architecture.AllWeights().Select(weight => weight.Name).Where(name => !name.Contains('.') && name is not ("weight" or "bias")))
        {
            string[] files = [.. sources.Where(file => File.ReadAllText(file).Contains($"\"{name}\"", StringComparison.Ordinal)).Select(Path.GetFileName)!];
            Assert.HasCount(1, files, $"'{name}' stands in {string.Join(", ", files)}.");
        }
    }

    private static float[] Values(Tensor values) => values.contiguous().data<float>().ToArray();

    [TestMethod]
    public void The_encoder_is_libtorchs_bidirectional_lstm()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using var small = new SmallTranslator();
        using LSTM theirs = nn.LSTM(8, 5, numLayers: 2, bidirectional: true);
        Dictionary<string, Tensor> state = theirs.state_dict();
        for (int layer = 0; layer < 2; layer++)
        {
            for (int direction = 0; direction < 2; direction++)
            {
                Tensor Own(string name) => small.EncoderModule.Of($"layers.{layer}.{name}")[direction];
                string suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}";
                state["weight_ih" + suffix].copy_(TheirOrder(Own("input").t()));
                state["weight_hh" + suffix].copy_(TheirOrder(Own("recurrent").t()));
                state["bias_ih" + suffix].copy_(TheirOrder(Own("bias").flatten()));
                state["bias_hh" + suffix].zero_();
            }
        }

        using var scorer = EncoderScorer.Create(small.Encoder, TorchDevice.Cpu);
        foreach (string[] sentence in Sentences)
        {
            (Tensor output, Tensor hidden, Tensor cell) = theirs.forward(small.Vectors([sentence], new RightAlignedBatch([sentence.Length], 2, CPU)));
            EncodedSentence ours = SmallTranslator.Encode(scorer, sentence)[0];
            AssertNear(Layer(ours, 1), output);
            for (int layer = 0; layer < 2; layer++)
            {
                // Theirs are layer by layer, the directions beside each other.
                float[] final = new float[10], cells = new float[10];
                ours.CopyFinal(layer, final, cells);
                AssertNear(final, hidden.narrow(0, 2 * layer, 2));
                AssertNear(cells, cell.narrow(0, 2 * layer, 2));
            }
        }

        // i, f, o, g -> i, f, g, o
        static Tensor TheirOrder(Tensor rows) =>
            rows.index_select(0, tensor(new long[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 19, 10, 11, 12, 13, 14 }));
    }

    [TestMethod]
    public void Neither_padding_nor_neighbours_change_a_sentence()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using var small = new SmallTranslator();
        using var fused = EncoderScorer.Create(small.Encoder, TorchDevice.Cpu);
        using var module = new EncoderScorer(small.Encoder, new TorchSequenceScorer(small.Encoder.Architecture.Stack(), small.Encoder.Weights, CPU));
        EncodedSentence[] together = SmallTranslator.Encode(fused, Sentences), padded = SmallTranslator.Encode(module, Sentences);
        for (int i = 0; i < Sentences.Length; i++)
        {
            EncodedSentence alone = SmallTranslator.Encode(fused, Sentences[i])[0];
            for (int layer = 0; layer < 2; layer++)
            {
                CollectionAssert.AreEqual(Layer(alone, layer), Layer(together[i], layer));
                CollectionAssert.AreEqual(Cells(alone, layer), Cells(together[i], layer));
                AssertNear(Layer(alone, layer), Layer(padded[i], layer));
                AssertNear(Cells(alone, layer), Cells(padded[i], layer));
            }
        }
    }

    [TestMethod]
    [DataRow(1, false)]
    [DataRow(2, true)]
    [DataRow(3, false)]
    public void Training_translating_and_both_devices_forms_agree(int layers, bool inputFeeding)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using var small = new SmallTranslator(layers, inputFeeding);
        using var encoder = EncoderScorer.Create(small.Encoder, TorchDevice.Cpu);
        EncodedSentence[] encoded = SmallTranslator.Encode(encoder, Sentences);
        long[][] targets = [[4, 7, 3], [5, 5, 8, 2], [9]];
        var batch = new RightAlignedBatch([3, 6, 1], 2, CPU);
        (Tensor top, RecurrentState[] final) = small.Read(small.Vectors(Sentences, batch), batch);
        AttentionMemory memory = small.DecoderFunction.Remember(top, batch.Blocked);
        long[] words =
        [
            .. Enumerable.Range(0, 5).SelectMany(
                step => targets.Select(target => step == 0 ? TokenVocabulary.Begin : step <= target.Length ? target[step - 1] : TokenVocabulary.End)),
        ];
        Tensor logits = small.DecoderFunction.Logits(small.DecoderFunction.Run(memory, Decoder.Begin(final), tensor(words), default));

        foreach (DecoderScorer scorer in new DecoderScorer[] { new KernelDecoder(small.Decoder), new TorchDecoder(small.Decoder, CPU) })
        {
            using DecoderRun run = scorer.Start(encoded);
            for (int step = 0; step < 5; step++)
            {
                // Rows in another order than before, and one of them twice.
                int[] rows = step % 2 == 0 ? [0, 1, 2] : [2, 0, 1, 1], parents = step == 0 ? rows : step % 2 == 0 ? [1, 2, 0] : [2, 0, 1, 1];
                run.Step(parents, rows, [.. rows.Select(row => (int)words[(step * 3) + row])]);
                for (int i = 0; i < rows.Length; i++)
                {
                    AssertNear(run.Logits(i).ToArray(), logits[step, rows[i]], 1e-4f);
                    Assert.HasCount(Sentences[rows[i]].Length, run.Attention(i));
                    Assert.AreEqual(1, run.Attention(i).Sum(), 1e-5);
                }
            }

            scorer.Dispose();
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Gradients_are_those_of_finite_differences(bool inputFeeding)
    {
        using DisposeScope scope = NewDisposeScope();
        using var small = new SmallTranslator(inputFeeding: inputFeeding, hidden: 2, words: 6);
        small.EncoderModule.to(ScalarType.Float64);
        small.DecoderModule.to(ScalarType.Float64);
        var batch = new RightAlignedBatch([3, 6, 1], 2, CPU);
        Tensor vectors = small.Vectors(Sentences, batch).to(ScalarType.Float64),
            words = tensor(new long[] { 0, 0, 0, 3, 4, 5, 5, 3, 3 }),
            targets = tensor(new long[] { 3, 4, 5, 5, 3, 1, 1, 1, 1 });
        Loss().backward();
        foreach ((string name, Parameter weight) in small.EncoderModule.named_parameters().Concat(small.DecoderModule.named_parameters()))
        {
            using IDisposable noGradient = no_grad();
            Tensor step = randn_like(weight) * 1e-6;
            double slope = (weight.grad! * step).sum().item<double>();
            weight.add_(step);
            double above = Loss().item<double>();
            weight.sub_(2 * step);
            double below = Loss().item<double>();
            weight.add_(step);
            Assert.AreEqual((above - below) / 2, slope, 1e-5 * Math.Max(1e-5, Math.Abs(slope)), name);
        }

        Tensor Loss()
        {
            (Tensor top, RecurrentState[] final) = small.Read(vectors, batch);
            AttentionMemory memory = small.DecoderFunction.Remember(top, batch.Blocked);
            Tensor said = small.DecoderFunction.Run(memory, Decoder.Begin(final), words, default).flatten(0, 1);
            return nn.functional.cross_entropy(small.DecoderFunction.Logits(said), targets);
        }
    }

    [TestMethod]
    public void A_wide_beam_finds_the_most_probable_translation()
    {
        using var small = new SmallTranslator(layers: 1, words: 5, bound: 1.5);
        using var encoder = EncoderScorer.Create(small.Encoder, TorchDevice.Cpu);
        using var decoder = new KernelDecoder(small.Decoder);
        foreach (string[] sentence in Sentences)
        {
            EncodedSentence[] encoded = SmallTranslator.Encode(encoder, sentence);
            // All translations of up to five words, by going through them one by one.
            (double LogProbability, string Words) best = (double.NegativeInfinity, "");
            Explore([]);
            Hypothesis found = decoder.Translate(encoded, new BeamSearch(300, 0))[0];
            string words = string.Join(' ', found.Words().Select(word => word.Word));
            if (found.Length <= 5)
                Assert.AreEqual(best.Words, words);
            Assert.IsGreaterThanOrEqualTo(best.LogProbability - 1e-4, found.LogProbability);
            Hypothesis greedy = decoder.Translate(encoded, new BeamSearch(1, 0))[0];
            Assert.IsLessThanOrEqualTo(found.LogProbability + 1e-6, greedy.LogProbability);

            void Explore(int[] before)
            {
                using DecoderRun run = decoder.Start(encoded);
                double log = 0;
                for (int i = 0; i <= before.Length; i++)
                {
                    run.Step([0], [0], [i == 0 ? TokenVocabulary.Begin : before[i - 1]]);
                    double[] logits = [.. run.Logits(0).ToArray().Select(value => (double)value)];
                    double sum = Math.Log(logits.Sum(Math.Exp));
                    if (i < before.Length)
                        log += logits[before[i]] - sum;
                    else if (log + logits[TokenVocabulary.End] - sum > best.LogProbability)
                        best = (log + logits[TokenVocabulary.End] - sum, string.Join(' ', before.Append(TokenVocabulary.End)));
                }

                if (before.Length < 4 && log > best.LogProbability)
                {
                    foreach (int word in new[] { TokenVocabulary.Unknown, 3, 4 })
                        Explore([.. before, word]);
                }
            }
        }
    }

    [TestMethod]
    public void A_beam_finds_what_greed_misses_and_length_counts_as_asked()
    {
        // After the mark, word 3 (0.6) leads to words of 0.5 at best, word 4 (0.4) to the certain end.
        var table = new Dictionary<int, float[]>
        {
            [TokenVocabulary.Begin] = [0, 0, 0, 0.6f, 0.4f],
            [3] = [0, 0.5f, 0, 0.25f, 0.25f],
        };
        EncodedSentence[] sentences = [new(["a"], SequenceLayers.Of(new EncoderArchitecture { EmbeddingSize = 1, HiddenSize = 1, Layers = 1 }.Stack(), 1))];
        Check(1, 0, [3, 1], 0.3);
        Check(2, 0, [4, 1], 0.4);

        // With certain words that go on, the longer translation has the better mean: ln 0.275 / 3 against ln 0.45.
        table[3] = [0, 0, 0, 0, 0.5f, 0.5f];
        table[TokenVocabulary.Begin] = [0, 0.45f, 0, 0.55f, 0, 0];
        Check(3, 0, [1], 0.45);
        Check(3, 1, [3, 4, 1], 0.275);

        void Check(int width, double penalty, int[] words, double probability)
        {
            using var run = new TableRun(table);
            Hypothesis found = new BeamSearch(width, penalty).Run(run, sentences)[0];
            CollectionAssert.AreEqual(words, found.Words().Select(word => word.Word).ToArray());
            Assert.AreEqual(probability, Math.Exp(found.LogProbability), 1e-6);
        }
    }

    private static void AssertNear(float[] expected, Tensor actual, float delta = 2e-6f) =>
        AssertNear(expected, actual.contiguous().data<float>().ToArray(), delta);

    private static void AssertNear(float[] expected, float[] actual, float delta = 2e-6f)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], delta, $"place {i}");
    }

    /// <summary>Words whose probabilities depend on the last word alone.</summary>
    private sealed class TableRun(Dictionary<int, float[]> table) : DecoderRun
    {
        private int[] _words = [];

        public override void Step(ReadOnlySpan<int> parents, ReadOnlySpan<int> sentences, ReadOnlySpan<int> words) => _words = words.ToArray();

        // What has no row ends for certain.
        public override Span<float> Logits(int row) => Enumerable.Range(0, table[TokenVocabulary.Begin].Length)
            .Select(word => MathF.Log(Math.Max(table.TryGetValue(_words[row], out float[]? after) ? after[word] : word == TokenVocabulary.End ? 1 : 0, 1e-30f)))
            .ToArray();

        public override float[] Attention(int row) => [1];

        public override void Dispose()
        {
        }
    }
}
