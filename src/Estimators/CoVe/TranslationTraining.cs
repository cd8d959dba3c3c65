using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers.CoVe;

/// <summary>Trains encoder and decoder on a column of texts and one of their translations: what all estimators of translation share.</summary>
/// <param name="environment">Where the fit runs.</param>
/// <param name="sourceColumn">The column of texts.</param>
/// <param name="options">Checked options, which nobody changes.</param>
internal sealed class TranslationTraining(IHostEnvironment environment, string sourceColumn, TranslationTrainingOptions options)
{
    /// <summary>The seed of a fit.</summary>
    public int Seed { get; } = options.SeedOf(environment);

    /// <summary>Trains.</summary>
    /// <param name="input">The pairs, whose columns were checked; read once.</param>
    /// <param name="chooseWords">The vectors of the source's words, from the texts to learn from and those to validate on.</param>
    /// <returns>
    /// The encoder, for which <paramref name="chooseWords"/> said the words, the vectors that it learned if they were not given, and the decoder.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// There are too few or too many pairs; no word occurs often enough; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to
    /// another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public TrainedTranslation Run(IDataView input, Func<TokenCorpus, TokenCorpus, SourceWords> chooseWords)
    {
        torch.Device device = TorchDevice.Of(environment);
        using IChannel channel = environment.Start(nameof(TranslationTraining));
        (ParallelCorpus training, ParallelCorpus held) =
            ParallelCorpus.Read(environment, input, sourceColumn, options, options.Validation is null ? options.ValidationFraction : 0, Seed, channel);
        if (options.Validation is { } validation)
            (held, _) = ParallelCorpus.Read(environment, validation, sourceColumn, options, 0, Seed, channel);
        if (training.Count < 2)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"Columns '{sourceColumn}' and '{options.TargetColumnName}' have {training.Count} pairs to learn from; ") +
                "training needs at least 2, a batch each. Add rows.");
        }

        LowerBatchSize(training.Count, channel);

        TokenVocabulary vocabulary = training.Target.Vocabulary(options.MinTargetCount, options.MaxTargetVocabulary, CheckCancelled);
        if (vocabulary.Words.Count == 0)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{options.TargetColumnName}' has no word that occurs at least MinTargetCount = ") +
                FormattableString.Invariant($"{options.MinTargetCount} times; its rows have {training.Target.Words.Count} different ones. ") +
                "Lower MinTargetCount or add rows.");
        }

        SourceWords words = chooseWords(training.Source, held.Source);
        TranslationPairs pairs = new(training, words, vocabulary), heldPairs = new(held, words, vocabulary);
        var batches = new TranslationBatches(pairs, options.BatchSize, Seed, CheckCancelled);
        channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{words.Words.Count} source words have vectors, {vocabulary.Words.Count} target ") +
            FormattableString.Invariant($"words are written; {batches.Count} steps an epoch, {100 * Padding(pairs):F1} % of them padding."));
        var encoder = new EncoderArchitecture { EmbeddingSize = words.Size, HiddenSize = options.HiddenSize, Layers = options.Layers };
        var decoder = new DecoderArchitecture
        {
            EmbeddingSize = options.EmbeddingSize,
            StateSize = encoder.LayerSize,
            Layers = options.Layers,
            Words = vocabulary.Count,
            InputFeeding = options.InputFeeding,
        };
        encoder.RequireScorable(options.GetType().Name);
        decoder.RequireScorable(options.GetType().Name);
        long written = TranslationBatches.InOrder(pairs, options.BatchSize, CheckCancelled).Max(batch => batch.Length * (long)batch.Max(pairs.TargetSteps));
        TrainingMemory.Require(
            options, [encoder, decoder], (long)options.BatchSize * options.MaxTokens, device,
            others: WordSoftmax.Memory(written, vocabulary.Count, options.NegativeSamples));
        using DisposeScope scope = torch.NewDisposeScope();
        using TranslationModule module = InitialWeights.Of(Seed, () => new TranslationModule(encoder, decoder, words, device));
        var task = new TranslationTask(options, module, pairs, batches, heldPairs, vocabulary.Count, channel, device);
        string fingerprint = Fingerprint(training, held, words);
        var plan = new TrainingPlan(options, (long)options.Epochs * batches.Count, Seed, (step, fraction) => Rate(task, step, fraction), fingerprint);
        new TrainingLoop(environment, plan, task).Run();
        float[]? learned = module.End();
        return new TrainedTranslation(
            encoder, NetworkWeights.Of(encoder, module.EncoderWeights), learned, words,
            new DecoderModel(decoder, NetworkWeights.Of(decoder, module.DecoderWeights), vocabulary));
    }

    /// <summary>Stops a fit that was cancelled.</summary>
    public void CheckCancelled() => Host.ThrowIfCanceled(environment);

    // An epoch has two batches at least.
    private void LowerBatchSize(int pairs, IChannel channel)
    {
        if (pairs >= 2L * options.BatchSize)
            return;
        var smaller = (TranslationTrainingOptions)options.Copy();
        smaller.BatchSize = pairs / 2;
        channel.Warning(
            MessageSensitivity.None, FormattableString.Invariant($"BatchSize is {options.BatchSize}, but there are {pairs} pairs: it is {smaller.BatchSize}."));
        options = smaller;
    }

    private double Rate(TranslationTask task, long step, double fraction)
    {
        double rate = options.LearningRates.At(step, fraction);
        return options.HalveWhenWorse ? rate * Math.Pow(0.5, task.TimesWorse) : rate;
    }

    private string Fingerprint(ParallelCorpus training, ParallelCorpus held, SourceWords words)
    {
        string texts = string.Join(
            ' ', new[] { training, held }.Select(corpus => FormattableString.Invariant($"{corpus.Source.Hash():x16} {corpus.Target.Hash():x16}")));
        return FormattableString.Invariant($"{options.Fingerprint()} seed {Seed} texts {texts} words {words.Hash():x16}");
    }

    // The part of the network's steps, reading and writing, that is spent on padding.
    private double Padding(TranslationPairs pairs)
    {
        long all = 0, used = 0;
        foreach (int[] batch in TranslationBatches.InOrder(pairs, options.BatchSize, CheckCancelled))
        {
            CheckCancelled();
            all += batch.Length * ((long)batch.Max(pairs.SourceLength) + batch.Max(pairs.TargetSteps));
            used += batch.Sum(pair => (long)pairs.SourceLength(pair) + pairs.TargetSteps(pair));
        }

        return 1 - ((double)used / all);
    }
}

/// <summary>What a training gives.</summary>
/// <param name="Encoder">The encoder.</param>
/// <param name="EncoderWeights">Its weights.</param>
/// <param name="LearnedVectors">The rows of <paramref name="Words"/>, that of no word first; null where they were given.</param>
/// <param name="Words">The source's words.</param>
/// <param name="Decoder">The decoder.</param>
internal sealed record TrainedTranslation(
    EncoderArchitecture Encoder, NetworkWeights EncoderWeights, float[]? LearnedVectors, SourceWords Words, DecoderModel Decoder);
