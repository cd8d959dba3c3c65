using MLNet.Papers.Persistence;
using MLNet.Papers.Training;

namespace MLNet.Papers.FastText;

/// <summary>What a training needs to go on in another process.</summary>
/// <param name="folder">Where it is written, in a folder for this training alone.</param>
/// <param name="fingerprint">A text that differs for other trainings.</param>
internal sealed class FastTextCheckpoint(string folder, string fingerprint) : IDisposable
{
    private const int Format = 1;

    private readonly CheckpointFile _file = new(folder, fingerprint);

    /// <summary>Writes the state after an epoch.</summary>
    public void Write(FastTextState state, FastTextNetwork network, IReadOnlyList<Learner> learners) => _file.Write(writer =>
    {
        writer.WriteJson("state", new Saved(
            Format, fingerprint, state.Epoch, state.Tokens, state.LossBefore.Sum, state.LossBefore.Examples, state.Elapsed.Ticks, state.BestLoss,
            state.ValidationLoss, state.ValidationsSinceBest));
        long[] randomness = [.. learners.SelectMany(learner => new[] { (long)learner.Randomness.Own, (long)learner.Randomness.Output })];
        writer.Write<long>("randomness", randomness, learners.Count, 2);
        writer.Write<float>("input", network.Input.All, Shape(network.Input));
        writer.Write<float>("output", network.Output.All, Shape(network.Output));
        if (state.Best is not { } best)
            return;
        writer.Write<float>("best.input", best.Input, Shape(network.Input));
        writer.Write<float>("best.output", best.Output, Shape(network.Output));
    });

    /// <summary>Reads the state into a fresh network and fresh learners; null if the folder holds none.</summary>
    /// <exception cref="InvalidOperationException">The state belongs to another training, or is damaged.</exception>
    public FastTextState? TryRead(FastTextPlan plan, FastTextNetwork network, IReadOnlyList<Learner> learners) =>
        _file.TryRead<Saved, FastTextState>(saved => saved.Fingerprint, (reader, saved) =>
        {
            if (saved.FindFault(plan) is { } fault)
                throw new FormatException($"Block 'state' {fault}.");
            long[] randomness = reader.Read<long>("randomness", learners.Count, 2);
            bool hasOutputs = learners.Any(learner => learner.Randomness.Output != 0);
            if (!hasOutputs && randomness.Where((_, place) => place % 2 == 1).Any(value => value != 0))
                throw new FormatException("Block 'randomness' has numbers for outputs that draw none.");
            (float[] input, float[] output) = (Read(reader, "input", network.Input), Read(reader, "output", network.Output));
            (float[] Input, float[] Output)? best = saved.BestLoss is null
                ? null
                : (Read(reader, "best.input", network.Input), Read(reader, "best.output", network.Output));
            reader.End();
            input.CopyTo(network.Input.All);
            output.CopyTo(network.Output.All);
            for (int i = 0; i < learners.Count; i++)
                learners[i].Randomness = ((ulong)randomness[2 * i], (ulong)randomness[(2 * i) + 1]);
            return new FastTextState
            {
                Epoch = saved.Epoch,
                Tokens = saved.Tokens,
                LossBefore = (saved.LossSum, saved.LossExamples),
                Elapsed = TimeSpan.FromTicks(saved.ElapsedTicks),
                BestLoss = saved.BestLoss,
                ValidationLoss = saved.ValidationLoss,
                ValidationsSinceBest = saved.ValidationsSinceBest,
                Best = best,
            };
        });

    /// <summary>Removes the state of a training that has ended.</summary>
    public void Delete() => _file.Delete();

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose() => _file.Dispose();

    private static long[] Shape(TrainingMatrix matrix) => [matrix.Rows, (long)matrix.Stride];

    private static float[] Read(ModelReader reader, string name, TrainingMatrix matrix)
    {
        float[] values = reader.Read<float>(name, Shape(matrix));
        return values.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
            ? throw new FormatException($"Block '{name}' has a number that is not finite.")
            : values;
    }

    private sealed record Saved(
        int Format, string Fingerprint, int Epoch, long Tokens, double LossSum, long LossExamples, long ElapsedTicks, double? BestLoss, double? ValidationLoss,
        int ValidationsSinceBest)
    {
        // A state is written only where training goes on after it.
        public string? FindFault(FastTextPlan plan)
        {
            if (Format != FastTextCheckpoint.Format)
                return FormattableString.Invariant($"is of format {Format}, and not {FastTextCheckpoint.Format}: another version of this package wrote it");
            if (Epoch < 1 || Epoch >= plan.Epochs)
                return FormattableString.Invariant($"says that {Epoch} of {plan.Epochs} epochs are done");
            if (Tokens < 0 || LossExamples < 0 || !double.IsFinite(LossSum))
                return FormattableString.Invariant($"counts {Tokens} tokens and a loss of {LossSum} in {LossExamples} examples");
            if (ElapsedTicks < 0 || ElapsedTicks > CheckpointFile.LongestTraining.Ticks || TimeSpan.FromTicks(ElapsedTicks) >= plan.TimeLimit)
                return FormattableString.Invariant($"says that {ElapsedTicks} ticks have passed");
            if (ValidationsSinceBest < 0 || ValidationsSinceBest >= Epoch || ValidationsSinceBest >= plan.Patience)
                return FormattableString.Invariant($"counts {ValidationsSinceBest} validations without a lower loss");
            bool areLosses = plan.Validation is null ? BestLoss is null && ValidationLoss is null && ValidationsSinceBest == 0
                : BestLoss is { } best && double.IsFinite(best) && ValidationLoss is { } last && double.IsFinite(last) && last >= best;
            return areLosses ? null : FormattableString.Invariant($"has the losses {BestLoss} and {ValidationLoss}");
        }
    }
}
