using System.Diagnostics;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Trains a network step by step: the one loop of all techniques.</summary>
/// <remarks>Runs on the calling thread. It stops between two steps when the context is cancelled, and with an error when a loss is not finite.</remarks>
internal sealed class TrainingLoop(IHostEnvironment environment, TrainingPlan plan, TrainingTask task)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly TrainingOptions _options = plan.Options;
    private readonly Stopwatch _clock = new();
    private TimeSpan _nextProgress;
    private TimeSpan _nextLog;

    /// <summary>
    /// Trains until the steps or the time are used up, or validation no longer improves. The network then has its final weights and is in evaluation mode.
    /// </summary>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    /// <exception cref="InvalidOperationException">
    /// The loss or the weights are not finite, or the checkpoint folder belongs to another training or is used by one.
    /// </exception>
    public void Run()
    {
        using IChannel channel = environment.Start("Training");
        using var heap = new NativeHeap();
        task.Check = () => Host.ThrowIfCanceled(environment);
        RequirePlayers();
        using var noise = new Noise(task.Network.parameters().First().device);
        using Checkpoint? checkpoint = _options.CheckpointFolder is { } folder ? new Checkpoint(folder, plan.Fingerprint) : null;
        TrainingState state = checkpoint?.TryRead(plan, task) ?? new TrainingState();
        if (state.Step > 0)
            channel.Info(MessageSensitivity.None, Invariant($"Training goes on after step {state.Step} of {plan.Steps}."));
        else
            Begin();

        _clock.Start();
        task.Network.train();
        bool isDone = Fraction(state) >= 1 || IsExhausted(state);
        while (!isDone)
        {
            Host.ThrowIfCanceled(environment);
            (double loss, double learningRate) = Step(state, noise);
            state.Step++;
            bool validates = task.HasValidation && (state.Step % _options.ValidationInterval == 0 || Fraction(state) >= 1);
            Checkpoint? due = state.Step % _options.CheckpointInterval == 0 ? checkpoint : null;
            if (validates)
                Validate(state, learningRate, channel);
            TimeSpan elapsed = Elapsed(state);
            double fraction = Fraction(state, elapsed);
            isDone = fraction >= 1 || IsExhausted(state);
            if (!isDone)
                due?.Write(state, elapsed, task);
            Report(state, fraction, isDone, validates || due is not null, loss, learningRate, channel);
        }

        state.Best?.CopyTo(task.Network);
        if (!NetworkSnapshot.Of(task.Network).IsFinite)
            throw TrainingStep.NotFinite("The weights are not finite", state.Step, plan.LearningRate(state.Step, Fraction(state)));
        task.Network.eval();
        checkpoint?.Delete();
    }

    private void Begin()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        task.Begin();
    }

    private (double Loss, double LearningRate) Step(TrainingState state, Noise noise)
    {
        using DisposeScope scope = NewDisposeScope();
        double learningRate = plan.LearningRate(state.Step, Fraction(state));
        foreach (Player player in task.Players)
            player.Optimizer.ZeroGradients();
        noise.Begin(StepRandom.Create(~plan.Seed, state.Step).NextInt64());
        var step = new TrainingStep(state.Step, task.Players, learningRate, _options.MaxGradientNorm, StepRandom.Create(plan.Seed, state.Step), noise);
        task.Step(step);
        if (task.Players.FirstOrDefault(player => player.Optimizer.Steps != player.MovesAfter(state.Step + 1)) is { } idle)
        {
            throw new InvalidOperationException(
                $"Player '{idle.Name}' has moved {idle.Optimizer.Steps} times after step {state.Step + 1}, " +
                $"but should have moved {idle.MovesAfter(state.Step + 1)} times.");
        }

        return (step.Loss, learningRate);
    }

    private void Validate(TrainingState state, double learningRate, IChannel channel)
    {
        task.Network.eval();
        using (DisposeScope scope = NewDisposeScope())
        using (no_grad())
            state.ValidationLoss = task.Validate();
        task.Network.train();
        if (!double.IsFinite(state.ValidationLoss.Value))
            throw TrainingStep.NotFinite(Invariant($"The validation loss is {state.ValidationLoss}"), state.Step, learningRate);
        if (state.BestLoss is null || state.ValidationLoss < state.BestLoss)
        {
            state.BestLoss = state.ValidationLoss;
            state.Best = NetworkSnapshot.Of(task.Network);
            state.ValidationsSinceBest = 0;
        }
        else
        {
            state.ValidationsSinceBest++;
        }

        channel.Info(MessageSensitivity.None, Invariant($"Step {state.Step}: validation loss {state.ValidationLoss:G5}, best {state.BestLoss:G5}."));
        if (IsExhausted(state))
            channel.Info(MessageSensitivity.None, Invariant($"Training stops early: {state.ValidationsSinceBest} validations without a lower loss."));
    }

    private bool IsExhausted(TrainingState state) => state.ValidationsSinceBest >= _options.Patience;

    private void Report(TrainingState state, double fraction, bool isLast, bool isMilestone, double loss, double learningRate, IChannel channel)
    {
        TimeSpan elapsed = Elapsed(state);
        if (_options.Progress is not null && (isLast || isMilestone || _clock.Elapsed >= _nextProgress))
        {
            TimeSpan remaining = TrainingProgress.RemainingAfter(elapsed, isLast ? 1 : fraction);
            _options.Progress.Report(
                new TrainingProgress(state.Step, plan.Steps, isLast ? 1 : fraction, loss, state.ValidationLoss, learningRate, elapsed, remaining));
            _nextProgress = _clock.Elapsed + ProgressInterval;
        }

        if (isLast || _clock.Elapsed >= _nextLog)
        {
            channel.Info(
                MessageSensitivity.None,
                Invariant($"Step {state.Step} of {plan.Steps}: loss {loss:G5}, learning rate {learningRate:G3}, {elapsed.TotalSeconds:F0} s."));
            _nextLog = _clock.Elapsed + LogInterval;
        }
    }

    private TimeSpan Elapsed(TrainingState state) => state.Elapsed + _clock.Elapsed;

    private double Fraction(TrainingState state) => Fraction(state, Elapsed(state));

    private double Fraction(TrainingState state, TimeSpan elapsed)
    {
        double bySteps = (double)state.Step / plan.Steps;
        return _options.TimeLimit is { } limit ? Math.Min(1, Math.Max(bySteps, elapsed / limit)) : bySteps;
    }
    private void RequirePlayers()
    {
        HashSet<nint> moved = [.. task.Players.SelectMany(player => player.Weights).Select(weight => weight.Handle)];
        foreach ((string name, TorchSharp.Modules.Parameter weight) in task.Network.named_parameters())
        {
            if (weight.requires_grad && !moved.Contains(weight.Handle))
            {
                throw new InvalidOperationException(
                    $"The weight '{name}' belongs to no player: it would never be learned. A frozen weight requires no gradient.");
            }
        }
    }
}
