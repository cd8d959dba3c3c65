using Microsoft.ML.Runtime;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>Section 3: the negative log probability of the target's words and its end, each after those before it and the source.</summary>
internal sealed class TranslationTask : TrainingTask
{
    private readonly TranslationTrainingOptions _options;
    private readonly TranslationModule _module;
    private readonly TranslationPairs _pairs;
    private readonly TranslationBatches _batches;
    private readonly TranslationPairs _validation;
    private readonly WordSoftmax _softmax;
    private readonly IChannel _channel;
    private readonly Device _device;

    // The loss of the validation before, and how often one was worse than that before it.
    private readonly Tensor _validations = zeros(2);

    /// <param name="options">How training goes.</param>
    /// <param name="module">The network, on its device.</param>
    /// <param name="pairs">The pairs to learn from.</param>
    /// <param name="batches">Their batches.</param>
    /// <param name="validation">Pairs to validate on; may be none.</param>
    /// <param name="words">V.</param>
    /// <param name="channel">Receives the perplexity.</param>
    /// <param name="device">Where the network is.</param>
    public TranslationTask(
        TranslationTrainingOptions options,
        TranslationModule module,
        TranslationPairs pairs,
        TranslationBatches batches,
        TranslationPairs validation,
        int words,
        IChannel channel,
        Device device)
    {
        (_options, _module, _pairs, _batches, _validation, _channel, _device) = (options, module, pairs, batches, validation, channel, device);
        _softmax = new(words, options.NegativeSamples);
        Players = [new(module, OptimizerSettings.Of(options.Optimizer))];
        Memory = new Dictionary<string, Tensor> { ["validations"] = _validations };
    }

    public override nn.Module Network => _module;

    public override bool HasValidation => _validation.Count > 0;

    public override IReadOnlyList<Player> Players { get; }

    public override IReadOnlyDictionary<string, Tensor> Memory { get; }

    /// <summary>How often validation was worse than the one before.</summary>
    public int TimesWorse
    {
        get
        {
            using Tensor times = _validations[1];
            return (int)times.item<float>();
        }
    }

    public override void Step(TrainingStep step)
    {
        int[] batch = _batches.At(step.Number);
        (Tensor said, long[] targets) = Read(_pairs, batch, new DropoutNoise(_options.Dropout, step.Noise));
        (Tensor weight, Tensor bias) = _module.Decoder.Output;
        Tensor loss = _softmax.Loss(said, targets, weight, bias, step.Random);
        // The published loss is the sum over a sentence, which the step size of gradient descent is made for; Adam's does not depend on it.
        step.Descend(loss, _options.Optimizer == TrainingOptimizer.Sgd ? (double)targets.Length / batch.Length : 1);
    }

    /// <summary>The mean loss of a target token with the full softmax.</summary>
    public override double Validate()
    {
        double sum = 0;
        long count = 0;
        foreach (int[] batch in TranslationBatches.InOrder(_validation, _options.BatchSize, Check))
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            (Tensor said, long[] targets) = Read(_validation, batch, default);
            (Tensor weight, Tensor bias) = _module.Decoder.Output;
            sum += WordSoftmax.CrossEntropy(said, targets, weight, bias, nn.Reduction.Sum).item<float>();
            count += targets.Length;
        }

        double loss = sum / count;
        _channel.Info(MessageSensitivity.None, FormattableString.Invariant($"Validation perplexity: {Math.Exp(loss):F2}."));
        if (_options.HalveWhenWorse)
            Remember(loss);
        return loss;
    }

    private void Remember(double loss)
    {
        float[] before = _validations.data<float>().ToArray();
        bool isWorse = before[0] > 0 && loss > before[0];
        _validations.copy_(tensor([(float)loss, before[1] + (isWorse ? 1 : 0)]));
        if (isWorse)
            _channel.Info(MessageSensitivity.None, "Validation became worse: the step size is halved.");
    }

    // What the decoder says before each target word (N, 2H), and the N words.
    private (Tensor Said, long[] Targets) Read(TranslationPairs pairs, int[] batch, DropoutNoise dropout)
    {
        int rows = batch.Length;
        var source = new RightAlignedBatch(Array.ConvertAll(batch, pairs.SourceLength), EncoderArchitecture.Directions, _device);
        long[] read = new long[source.Steps * rows];
        for (int row = 0; row < rows; row++)
        {
            for (int token = 0; token < source.Lengths[row]; token++)
                read[source.Place(row, token)] = pairs.Source(batch[row], token);
        }

        (Tensor top, RecurrentState[] final) = _module.Read(_module.Embed(tensor(read).to(_device), rows), source, dropout);
        AttentionMemory memory = _module.Decoder.Remember(dropout.Apply(top), source.Blocked);

        // Nothing is predicted on what pads a target.
        int steps = batch.Max(pairs.TargetSteps);
        long[] before = new long[steps * rows];
        var places = new List<long>();
        var targets = new List<long>();
        for (int step = 0; step < steps; step++)
        {
            for (int row = 0; row < rows; row++)
            {
                int place = (step * rows) + row;
                before[place] = step == 0 ? TokenVocabulary.Begin : step < pairs.TargetSteps(batch[row]) ? pairs
                    .Target(batch[row], step - 1) : TokenVocabulary.End;
                if (step >= pairs.TargetSteps(batch[row]))
                    continue;
                places.Add(place);
                targets.Add(pairs.Target(batch[row], step));
            }
        }

        Tensor said = _module.Decoder.Run(memory, Decoder.Begin(final), tensor(before).to(_device), dropout).flatten(0, 1);
        return (places.Count == before.Length ? said : said.index_select(0, tensor(places.ToArray()).to(_device)), [.. targets]);
    }
}
