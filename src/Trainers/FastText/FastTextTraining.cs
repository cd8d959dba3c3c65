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
    private long _tokens;
    private TimeSpan _nextProgress;
    private TimeSpan _nextLog = LogInterval;
    private volatile ExceptionDispatchInfo? _failure;

    /// <summary>Trains and returns the model.</summary>
    /// <param name="reader">Gives the rows to learn from.</param>
    /// <param name="labelIds">For each key of the label column the id of the label in the dictionary, from 0; null for word vectors.</param>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The loss or the vectors are not finite.</exception>
    public FastTextModel Run(CorpusReader reader, int[]? labelIds = null)
    {
        using IChannel channel = environment.Start("Training");
        // The count may come from a file.
        long tokens = (long)Int128.Min((Int128)plan.Epochs * network.Dictionary.TokenCount, long.MaxValue);
        _clock.Start();
        Thread[] threads =
        [
            .. Enumerable.Range(1, plan.Threads - 1)
                .Select(worker => new Thread(() => Work(worker, reader, labelIds, tokens, null)) { Name = $"fastText {worker}" }),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        Work(0, reader, labelIds, tokens, channel);
        foreach (Thread thread in threads)
            thread.Join();
        _failure?.Throw();
        Report(channel, tokens, isLast: true);
        FastTextModel model = network.ToModel();
        RequireFinite(model.Input);
        RequireFinite(model.Output!);
        return model;
    }

    private void Work(int worker, CorpusReader reader, int[]? labelIds, long tokens, IChannel? channel)
    {
        try
        {
            Learner learner = network.CreateLearner(plan.Seed, worker);
            var own = new CorpusBlock();
            var parser = new LineParser(learner, network.Dictionary, labelIds, network.Check);
            while (_failure is null && reader.Next(own) is { } block)
            {
                Host.ThrowIfCanceled(environment);
                block.Parse(parser);
                Learn(learner, block, tokens);
                LossMean loss = learner.Loss;
                _losses[worker] = (loss.Sum, loss.Examples);
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

    private double Fraction(long tokens) => Math.Min(1, (double)Volatile.Read(ref _tokens) / Math.Max(tokens, 1));

    private float LearningRate(long tokens) => (float)(plan.LearningRate * (1 - Fraction(tokens)));

    private void Report(IChannel channel, long tokens, bool isLast)
    {
        TimeSpan elapsed = _clock.Elapsed;
        if (!isLast && elapsed < _nextProgress && elapsed < _nextLog)
            return;
        double fraction = isLast ? 1 : Fraction(tokens);
        double loss = _losses.Sum(part => part.Sum) / Math.Max(_losses.Sum(part => part.Examples), 1);
        if (isLast || elapsed >= _nextProgress)
        {
            TimeSpan remaining = TrainingProgress.RemainingAfter(elapsed, fraction);
            plan.Progress?.Report(
                new TrainingProgress(
                    isLast ? tokens : Math.Min(_tokens, tokens), tokens, fraction, loss, null, plan.LearningRate * (1 - fraction), elapsed, remaining));
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

    private InvalidOperationException NotFinite(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{what}: the LearningRate {plan.LearningRate} is too high for this text. Lower it."));
}

/// <summary>How a network is trained.</summary>
/// <param name="Epochs">How often the rows are read.</param>
/// <param name="LearningRate">The learning rate at the start.</param>
/// <param name="Threads">How many workers.</param>
/// <param name="Seed">The seed of their random numbers.</param>
/// <param name="Progress">Receives the progress, or null.</param>
internal sealed record FastTextPlan(int Epochs, double LearningRate, int Threads, int Seed, IProgress<TrainingProgress>? Progress);
