using Microsoft.ML.Runtime;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>Section 3.1: the mean cross-entropy of hidden pieces, and with documents that of whether the second segment follows the first.</summary>
internal sealed class PretrainingTask : TrainingTask
{
    private const int ValidationBatch = 64;

    private readonly BertOptions _options;
    private readonly PretrainingModule _module;
    private readonly PretrainingCorpus _corpus;
    private readonly PretrainingBatches _batches;
    private readonly PretrainingCorpus? _validation;
    private readonly int _seed;
    private readonly IChannel _channel;
    private readonly Device _device;

    /// <param name="options">How training goes.</param>
    /// <param name="module">The network, on its device.</param>
    /// <param name="corpus">The texts.</param>
    /// <param name="batches">Their sequences.</param>
    /// <param name="validation">Texts to validate on, or null.</param>
    /// <param name="seed">Seed of what is validated on.</param>
    /// <param name="channel">Receives the losses of validations.</param>
    /// <param name="device">Where the network is.</param>
    public PretrainingTask(
        BertOptions options, PretrainingModule module, PretrainingCorpus corpus, PretrainingBatches batches, PretrainingCorpus? validation, int seed,
        IChannel channel, Device device)
    {
        (_options, _module, _corpus, _batches, _validation) = (options, module, corpus, batches, validation);
        (_seed, _channel, _device) = (seed, channel, device);
        Players = [new(module, BertOptimization.Settings(options.WeightDecay))];
    }

    public override nn.Module Network => _module;

    public override bool HasValidation => _validation is not null;

    public override IReadOnlyList<Player> Players { get; }

    public override void Step(TrainingStep step)
    {
        PretrainingBatch batch = _corpus.Batch(_batches.At(step.Number), step.Random, _device);
        (Tensor words, Tensor? follows) = _module.Run(batch, new DropoutNoise(_options.Dropout, step.Noise));
        Tensor loss = nn.functional.cross_entropy(words, batch.Targets);
        step.Descend(follows is null ? loss : loss + nn.functional.cross_entropy(follows, batch.IsRandom));
    }

    /// <summary>The same losses over sequences and hidden pieces that are always the same.</summary>
    public override double Validate()
    {
        var random = new Random(_seed);
        PieceSequence[] sequences = [.. _validation!.Sequences(random).OrderBy(sequence => sequence.Count)];
        double wordLoss = 0, followLoss = 0;
        long words = 0, rightWords = 0, rightPairs = 0;
        bool hasPairs = false;
        foreach (PieceSequence[] part in sequences.Chunk(ValidationBatch))
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            PretrainingBatch batch = _validation.Batch(part, random, _device);
            (Tensor logits, Tensor? follows) = _module.Run(batch);
            words += batch.Targets.shape[0];
            Add(logits, batch.Targets, ref wordLoss, ref rightWords);
            if (follows is null || !_validation.HasPairs)
                continue;
            hasPairs = true;
            Add(follows, batch.IsRandom, ref followLoss, ref rightPairs);
        }

        (wordLoss, followLoss) = (wordLoss / words, followLoss / sequences.Length);
        _channel.Info(
            MessageSensitivity.None,
            Invariant($"Validation: hidden pieces {wordLoss:F3} nats, {100.0 * rightWords / words:F1} % right") +
            (hasPairs ? Invariant($"; next sentences {followLoss:F3} nats, {100.0 * rightPairs / sequences.Length:F1} % right.") : "."));
        return wordLoss + followLoss;

        static void Add(Tensor logits, Tensor targets, ref double loss, ref long right)
        {
            loss += nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.Sum).item<float>();
            right += logits.argmax(1).eq(targets).sum().item<long>();
        }
    }
}
