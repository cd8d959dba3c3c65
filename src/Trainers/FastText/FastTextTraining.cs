using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers.FastText;

/// <summary>Trains a network: some workers take blocks of lines in turn, while the learning rate falls to zero with the tokens that were read.</summary>
/// <remarks>The calling thread is one of the workers, and the only one that reports and is given errors.</remarks>
internal sealed class FastTextTraining(IHostEnvironment environment, FastTextNetwork network, FastTextPlan plan)
{
    /// <summary>More threads than any machine has cores for would take memory alone.</summary>
    public const int MostThreads = 1024;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    // The learning rate is looked up once in so many tokens, as in the reference program.
    private const int UpdateRate = 100;

    private readonly Stopwatch _clock = new();
    private readonly (double Sum, long Examples)[] _losses = new (double, long)[plan.Threads];
    private FastTextState _state = new();
    private long _tokens;
    private TimeSpan _nextProgress;
    private TimeSpan _nextLog = LogInterval;
    private volatile ExceptionDispatchInfo? _failure;

    /// <summary>Trains and returns the model.</summary>
    /// <param name="reader">Gives the rows to learn from.</param>
    /// <param name="labelIds">For each key of the label column the id of the label in the dictionary, from 0; null for word vectors.</param>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    /// <exception cref="InvalidOperationException">
    /// The loss or the vectors are not finite, or the checkpoint folder belongs to another training or is used by one.
    /// </exception>
    public FastTextModel Run(CorpusReader reader, int[]? labelIds = null)
    {
        using IChannel channel = environment.Start("Training");
        using FastTextCheckpoint? checkpoint = plan.Checkpoint is { } kept ? new FastTextCheckpoint(kept.Folder, kept.Fingerprint) : null;
        // The count may come from a file.
        long tokens = (long)Int128.Min((Int128)plan.Epochs * network.Dictionary.TokenCount, long.MaxValue);
        Worker[] workers = [.. Enumerable.Range(0, plan.Threads).Select(number => new Worker(number, network, plan, labelIds))];
        Learner[] learners = [.. workers.Select(worker => worker.Learner)];
        Resume(checkpoint, learners, reader, channel);
        long firstPass = reader.Passes - _state.Epoch;
        _clock.Start();
        bool isDone = false;
        while (!isDone)
        {
            RunEpoch(workers, reader, firstPass + _state.Epoch + 1, tokens, channel);
            _state.Epoch++;
            if (plan.Validation is not null)
                Validate(channel);
            isDone = _state.Epoch >= plan.Epochs || Elapsed >= plan.TimeLimit || IsExhausted;
            if (!isDone && checkpoint is not null)
                Write(checkpoint, learners);
            if (!isDone && (plan.Validation ?? (object?)checkpoint) is not null)
                Report(channel, tokens, isLast: false, isMilestone: true);
        }

        Report(channel, tokens, isLast: true);
        if (_state.Best is { } best)
        {
            best.Input.CopyTo(network.Input.All);
            best.Output.CopyTo(network.Output.All);
        }

        FastTextModel model = network.ToModel();
        RequireFinite(model.Input);
        RequireFinite(model.Output!);
        checkpoint?.Delete();
        return model;
    }

    private TimeSpan Elapsed => _state.Elapsed + _clock.Elapsed;

    private bool IsExhausted => _state.ValidationsSinceBest >= plan.Patience;

    private void Resume(FastTextCheckpoint? checkpoint, Learner[] learners, CorpusReader reader, IChannel channel)
    {
        if (checkpoint?.TryRead(plan, network, learners) is not { } state)
            return;
        _state = state;
        _tokens = state.Tokens;
        reader.Skip(state.Epoch);
        channel.Info(MessageSensitivity.None, Text($"Training goes on after epoch {state.Epoch} of {plan.Epochs}."));
    }

    private void Write(FastTextCheckpoint checkpoint, Learner[] learners)
    {
        (double sum, long examples) = Loss;
        checkpoint.Write(
            new FastTextState
            {
                Epoch = _state.Epoch,
                Tokens = _tokens,
                LossBefore = (sum, examples),
                Elapsed = Elapsed,
                BestLoss = _state.BestLoss,
                Best = _state.Best,
                ValidationLoss = _state.ValidationLoss,
                ValidationsSinceBest = _state.ValidationsSinceBest,
            },
            network, learners);
    }

    private void Validate(IChannel channel)
    {
        double loss = plan.Validation!.Loss(network.View());
        if (!double.IsFinite(loss))
            throw NotFinite($"The validation loss is {loss}");
        _state.ValidationLoss = loss;
        if (_state.BestLoss is null || loss < _state.BestLoss)
        {
            _state.BestLoss = loss;
            _state.Best ??= (new float[network.Input.All.Length], new float[network.Output.All.Length]);
            network.Input.All.CopyTo(_state.Best.Value.Input);
            network.Output.All.CopyTo(_state.Best.Value.Output);
            _state.ValidationsSinceBest = 0;
        }
        else
        {
            _state.ValidationsSinceBest++;
        }

        channel.Info(MessageSensitivity.None, Text($"Epoch {_state.Epoch}: validation loss {loss:G5}, best {_state.BestLoss:G5}."));
        if (IsExhausted)
            channel.Info(MessageSensitivity.None, Text($"Training stops early: {_state.ValidationsSinceBest} validations without a lower loss."));
    }

    private void RunEpoch(Worker[] workers, CorpusReader reader, long lastPass, long tokens, IChannel channel)
    {
        Thread[] threads =
        [
            .. workers.Skip(1).Select(worker => new Thread(() => Work(worker, reader, lastPass, tokens, null)) { Name = $"fastText {worker.Number}" }),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        Work(workers[0], reader, lastPass, tokens, channel);
        foreach (Thread thread in threads)
            thread.Join();
        _failure?.Throw();
    }

    private void Work(Worker worker, CorpusReader reader, long lastPass, long tokens, IChannel? channel)
    {
        try
        {
            while (_failure is null && !IsTimeUp && reader.Next(worker.Block, lastPass) is { } block)
            {
                Host.ThrowIfCanceled(environment);
                block.Parse(worker.Parser);
                Learn(worker.Learner, block, tokens);
                LossMean loss = worker.Learner.Loss;
                _losses[worker.Number] = (loss.Sum, loss.Examples);
                if (!double.IsFinite(loss.Sum))
                    throw NotFinite($"The loss is {loss.Sum}");
                if (channel is not null)
                    Report(channel, tokens, isLast: false);
            }
        }
        catch (Exception exception)
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Learn(Learner learner, CorpusBlock block, long tokens)
    {
        int seen = 0;
        float learningRate = LearningRate(tokens);
        for (int line = 0; line < block.Count; line++)
        {
            seen += learner.Learn(block.Parsed(line), learningRate);
            if (seen < UpdateRate)
                continue;
            Host.ThrowIfCanceled(environment);
            Interlocked.Add(ref _tokens, seen);
            seen = 0;
            learningRate = LearningRate(tokens);
        }

        learner.End();
        Interlocked.Add(ref _tokens, seen);
    }

    private double Fraction(long tokens)
    {
        double byTokens = Math.Min(1, (double)Volatile.Read(ref _tokens) / Math.Max(tokens, 1));
        return plan.TimeLimit is { } limit ? Math.Min(1, Math.Max(byTokens, Elapsed / limit)) : byTokens;
    }

    // The first epoch is done to its end only where there is time for it.
    private bool IsTimeUp => plan.TimeLimit is { } limit && Elapsed >= limit;

    private (double Sum, long Examples) Loss =>
        (_state.LossBefore.Sum + _losses.Sum(part => part.Sum), _state.LossBefore.Examples + _losses.Sum(part => part.Examples));

    private float LearningRate(long tokens) => (float)(plan.LearningRate * (1 - Fraction(tokens)));

    private void Report(IChannel channel, long tokens, bool isLast, bool isMilestone = false)
    {
        TimeSpan elapsed = Elapsed;
        if (!isLast && !isMilestone && elapsed < _nextProgress && elapsed < _nextLog)
            return;
        double fraction = isLast ? 1 : Fraction(tokens);
        (double sum, long examples) = Loss;
        double loss = sum / Math.Max(examples, 1);
        long done = isLast && _state.Epoch >= plan.Epochs ? tokens : Math.Min(_tokens, tokens);
        if (isLast || isMilestone || elapsed >= _nextProgress)
        {
            TimeSpan remaining = TrainingProgress.RemainingAfter(elapsed, fraction);
            plan.Progress?.Report(
                new TrainingProgress(done, tokens, fraction, loss, _state.ValidationLoss, plan.LearningRate * (1 - fraction), elapsed, remaining));
            _nextProgress = elapsed + ProgressInterval;
        }

        if (isLast || elapsed >= _nextLog)
        {
            channel.Info(
                MessageSensitivity.None,
                string.Create(CultureInfo.InvariantCulture, $"{fraction:P0} of {tokens} tokens: mean loss {loss:G5}, {elapsed.TotalSeconds:F0} s."));
            _nextLog = elapsed + LogInterval;
        }
    }

    private void RequireFinite(EmbeddingMatrix matrix)
    {
        const int ValuesOfACheck = 1 << 24;
        for (ReadOnlySpan<float> values = ((DenseMatrix)matrix).Values; !values.IsEmpty; values = values[Math.Min(values.Length, ValuesOfACheck)..])
        {
            Host.ThrowIfCanceled(environment);
            if (values[..Math.Min(values.Length, ValuesOfACheck)].ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                throw NotFinite("A vector is not finite");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private InvalidOperationException NotFinite(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{what}: the LearningRate {plan.LearningRate} is too high for this text. Lower it."));

    /// <summary>What one thread has of its own, for all epochs.</summary>
    private sealed class Worker
    {
        public Worker(int number, FastTextNetwork network, FastTextPlan plan, int[]? labelIds)
        {
            (Number, Learner) = (number, network.CreateLearner(plan.Seed, number));
            Parser = new LineParser(Learner, network.Dictionary, labelIds, network.Check);
        }

        public int Number { get; }

        public Learner Learner { get; }

        public LineParser Parser { get; }

        public CorpusBlock Block { get; } = new();
    }
}

/// <summary>How a network is trained.</summary>
/// <param name="Epochs">How often the rows are read.</param>
/// <param name="LearningRate">The learning rate at the start.</param>
/// <param name="Threads">How many workers.</param>
/// <param name="Seed">The seed of their random numbers.</param>
/// <param name="Progress">Receives the progress, or null.</param>
internal sealed record FastTextPlan(int Epochs, double LearningRate, int Threads, int Seed, IProgress<TrainingProgress>? Progress)
{
    /// <summary>How long it may take; null for no limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Where the state is kept after every epoch, and what tells this training from others; null for nowhere.</summary>
    public (string Folder, string Fingerprint)? Checkpoint { get; init; }

    /// <summary>The rows to validate on after every epoch, or null.</summary>
    public FastTextValidation? Validation { get; init; }

    /// <summary>A plan without validation.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="epochs">How often the rows are read.</param>
    /// <param name="learningRate">The learning rate at the start.</param>
    /// <param name="seed">The seed of the fit.</param>
    /// <param name="counted">The rows to train on, which were counted.</param>
    /// <param name="held">The rows to validate on, or null.</param>
    public static FastTextPlan Of(
        FastTextTrainingOptions options, int epochs, double learningRate, int seed, CorpusReader counted, Corpus? held = null)
    {
        var plan = new FastTextPlan(epochs, learningRate, options.Threads, seed, options.Progress) { TimeLimit = options.TimeLimit };
        if (options.CheckpointFolder is not { } folder)
            return plan;
        string validation = held is null ? "" : FormattableString.Invariant($" validation {CorpusReader.HashOf(held):x16}");
        return plan with { Checkpoint = (folder, FormattableString.Invariant($"{options.Fingerprint()} seed {seed} rows {counted.Hash:x16}{validation}")) };
    }

    /// <summary>After how many epochs without a lower validation loss the training ends; null for never.</summary>
    public int? Patience { get; init; }
}
