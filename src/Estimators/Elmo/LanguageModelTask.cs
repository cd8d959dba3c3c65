using Microsoft.ML.Runtime;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>
/// Section 3.1: the mean of both directions' cross-entropies, over windows whose states go on from those before, but for sentences that begin.
/// </summary>
internal sealed class LanguageModelTask : TrainingTask
{
    private const int ValidationGroup = 64;

    private readonly ElmoOptions _options;
    private readonly LanguageModelModule _module;
    private readonly LanguageModelCorpus _corpus;
    private readonly LanguageModelCorpus? _validation;
    private readonly SentenceStreams _streams;
    private readonly WordSoftmax _softmax;
    private readonly IChannel _channel;
    private readonly Device _device;

    // After the last window.
    private readonly RecurrentState[] _states;

    /// <param name="options">How training goes.</param>
    /// <param name="module">The network, on its device.</param>
    /// <param name="corpus">The sentences.</param>
    /// <param name="validation">Sentences to validate on, or null.</param>
    /// <param name="streams">The windows.</param>
    /// <param name="words">V.</param>
    /// <param name="channel">Receives the perplexity of each direction.</param>
    /// <param name="device">Where the network is.</param>
    public LanguageModelTask(
        ElmoOptions options,
        LanguageModelModule module,
        LanguageModelCorpus corpus,
        LanguageModelCorpus? validation,
        SentenceStreams streams,
        int words,
        IChannel channel,
        Device device)
    {
        (_options, _module, _corpus, _validation, _streams, _channel, _device) = (options, module, corpus, validation, streams, channel, device);
        _softmax = new(words, options.NegativeSamples);
        Players = [new(module, OptimizerSettings.Of(options.Optimizer))];
        _states = module.ZeroStates(streams.Streams);
        Memory = _states.SelectMany((state, layer) => new[] { ($"hidden{layer}", state.Hidden), ($"cell{layer}", state.Cell) }).ToDictionary();
    }

    public override nn.Module Network => _module;

    public override bool HasValidation => _validation is not null;

    public override IReadOnlyList<Player> Players { get; }

    public override IReadOnlyDictionary<string, Tensor> Memory { get; }

    // The gradient is that of the sum over a window's steps, as the published training has it: of weight with Adagrad, and where gradients are clipped.
    public override void Step(TrainingStep step) => step.Descend(Loss(step), scale: _streams.Window);

    private Tensor Loss(TrainingStep step)
    {
        var dropout = new DropoutNoise(_options.Dropout, step.Noise);
        int size = _streams.Window * _streams.Streams;
        int[] inputs = new int[2 * size], targets = new int[2 * size];
        for (int direction = 0; direction < 2; direction++)
            _streams.Read(step.Number, direction, inputs.AsSpan(direction * size, size), targets.AsSpan(direction * size, size));
        Tensor window = Encode(_corpus, inputs).view(2, _streams.Window, _streams.Streams, -1);
        (Tensor last, RecurrentState[] states) = _module.Run(
            window, [.. _states.Select(state => new RecurrentState(state.Hidden.clone(), state.Cell.clone()))], _options.CarryStates ? null : Kept(inputs),
            dropout);
        Keep(states);
        Tensor top = dropout.Apply(last.view(2 * size, -1));  // (2TB, P)
        long[] words = Array.ConvertAll(targets, target => (long)_corpus.Target(target));
        return _softmax.Loss(top, words, _module.Weight, _module.Bias, step.Random);
    }

    // Without their past: what lies before a window gets no gradient.
    private void Keep(RecurrentState[] states)
    {
        using IDisposable noGradient = no_grad();
        foreach ((RecurrentState kept, RecurrentState state) in _states.Zip(states))
        {
            kept.Hidden.copy_(state.Hidden);
            kept.Cell.copy_(state.Cell);
        }
    }

    /// <summary>The mean loss of both directions with the full softmax, every sentence from zero states.</summary>
    public override double Validate()
    {
        TokenCorpus corpus = _validation!.Corpus;
        double[] sums = new double[2];
        long predictions = 0;
        foreach (int[] group in Enumerable.Range(0, corpus.SentenceCount).OrderByDescending(corpus.Length).Chunk(ValidationGroup))
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            predictions += group.Sum(sentence => corpus.Length(sentence) + 1L);
            AddGroup(group, sums);
        }

        double forward = sums[0] / predictions, backward = sums[1] / predictions;
        _channel.Info(
            MessageSensitivity.None, FormattableString.Invariant($"Validation perplexity: forward {Math.Exp(forward):F2}, backward {Math.Exp(backward):F2}."));
        return (forward + backward) / 2;
    }

    // Sentences of about one length beside each other, padded to it; what pads them is left out of the sum.
    private void AddGroup(int[] group, double[] sums)
    {
        TokenCorpus corpus = _validation!.Corpus;
        int begin = corpus.Words.Count, end = begin + 1, steps = corpus.Length(group[0]) + 1, rows = group.Length;
        int[] inputs = new int[2 * steps * rows];
        var places = new List<long>[] { [], [] };
        var words = new List<long>[] { [], [] };
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<int> sentence = corpus.Sentence(group[row]);
            for (int step = 0; step <= sentence.Length; step++)
            {
                int forward = (step * rows) + row, backward = ((steps + step) * rows) + row;
                inputs[forward] = step == 0 ? begin : sentence[step - 1];
                inputs[backward] = step == 0 ? end : sentence[^step];
                places[0].Add(forward);
                places[1].Add(backward);
                words[0].Add(_validation.Target(step < sentence.Length ? sentence[step] : end));
                words[1].Add(_validation.Target(step < sentence.Length ? sentence[^(step + 1)] : begin));
            }
        }

        Tensor window = Encode(_validation, inputs).view(2, steps, rows, -1);
        (Tensor last, _) = _module.Run(window);
        Tensor top = last.view(2L * steps * rows, -1);
        for (int direction = 0; direction < 2; direction++)
        {
            Tensor states = top.index_select(0, tensor(places[direction].ToArray()).to(_device));
            sums[direction] += WordSoftmax.CrossEntropy(states, [.. words[direction]], _module.Weight, _module.Bias, nn.Reduction.Sum).item<float>();
        }
    }

    // (2, T, B, 1): 0 where the mark is read that a sentence begins with in its direction.
    private Tensor Kept(int[] inputs)
    {
        int size = inputs.Length / 2;
        float[] kept = [.. inputs.Select((word, i) => word == (i < size ? _streams.Begin : _streams.End) ? 0f : 1f)];
        return tensor(kept, [2, _streams.Window, _streams.Streams, 1]).to(_device);
    }

    // (count, P): each different word goes through the encoder once.
    private Tensor Encode(LanguageModelCorpus corpus, int[] words)
    {
        var numbers = new Dictionary<int, long>();
        var characters = new List<int[]>();
        long[] places = new long[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            if (!numbers.TryGetValue(words[i], out long number))
            {
                numbers[words[i]] = number = characters.Count;
                characters.Add(corpus.Characters(words[i]));
            }

            places[i] = number;
        }

        return _module.Encode(characters).index_select(0, tensor(places).to(_device));
    }
}
