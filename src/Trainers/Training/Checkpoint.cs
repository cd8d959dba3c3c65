namespace MLNet.Papers.Training;

/// <summary>What a training needs to go on in another process.</summary>
/// <param name="folder">Where it is written, in a folder for this training alone.</param>
/// <param name="fingerprint">A text that differs for other trainings.</param>
internal sealed class Checkpoint(string folder, string fingerprint) : IDisposable
{
    // 2: several players, memory of the task, and no state of a generator.
    private const int Format = 2;

    private readonly CheckpointFile _file = new(folder, fingerprint);

    /// <summary>Writes the state.</summary>
    public void Write(TrainingState state, TimeSpan elapsed, TrainingTask task) => _file.Write(writer =>
    {
        writer.WriteJson("state", new Saved(Format, fingerprint, state.Step, state.BestLoss, state.ValidationsSinceBest, state.ValidationLoss, elapsed.Ticks));
        NetworkSnapshot.Of(task.Network).Write(writer, "network.");
        NetworkSnapshot.Of(task.Memory).Write(writer, "memory.");
        state.Best?.Write(writer, "best.");
        foreach (Player player in task.Players)
            player.Optimizer.Write(writer, PrefixOf(player));
    });

    /// <summary>Reads the state into a fresh task; null if the folder holds none.</summary>
    /// <param name="plan">The training that goes on: a state at its end, or beyond, is none of its own.</param>
    /// <param name="task">What is trained.</param>
    /// <exception cref="InvalidOperationException">The state belongs to another training, or is damaged.</exception>
    public TrainingState? TryRead(TrainingPlan plan, TrainingTask task) => _file.TryRead<Saved, TrainingState>(saved => saved.Fingerprint, (reader, saved) =>
    {
        if (saved.FindFault(plan) is { } fault)
            throw new FormatException($"Block 'state' {fault}.");
        NetworkSnapshot current = NetworkSnapshot.Read(reader, "network.", task.Network);
        NetworkSnapshot memory = NetworkSnapshot.Read(reader, "memory.", task.Memory);
        NetworkSnapshot? best = saved.BestLoss is null ? null : NetworkSnapshot.Read(reader, "best.", task.Network);
        foreach (Player player in task.Players)
            player.Optimizer.Read(reader, PrefixOf(player), player.MovesAfter(saved.Step));
        reader.End();
        current.CopyTo(task.Network);
        memory.CopyTo(task.Memory);
        return new TrainingState
        {
            Step = saved.Step,
            Best = best,
            BestLoss = saved.BestLoss,
            ValidationsSinceBest = saved.ValidationsSinceBest,
            ValidationLoss = saved.ValidationLoss,
            Elapsed = TimeSpan.FromTicks(saved.ElapsedTicks),
        };
    });

    /// <summary>Removes the state of a training that has ended.</summary>
    public void Delete() => _file.Delete();

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose() => _file.Dispose();

    private static string PrefixOf(Player player) => player.Name.Length == 0 ? "optimizer." : $"optimizer.{player.Name}.";

    private sealed record Saved(
        int Format, string Fingerprint, long Step, double? BestLoss, int ValidationsSinceBest, double? ValidationLoss, long ElapsedTicks)
    {
        // A state is written only where training goes on after it.
        public string? FindFault(TrainingPlan plan)
        {
            if (Format != Checkpoint.Format)
                return FormattableString.Invariant($"is of format {Format}, and not {Checkpoint.Format}: another version of this package wrote it");
            if (Step < 1 || Step >= plan.Steps)
                return FormattableString.Invariant($"says that {Step} of {plan.Steps} steps are done");
            if (ElapsedTicks < 0 || ElapsedTicks > CheckpointFile.LongestTraining.Ticks || TimeSpan.FromTicks(ElapsedTicks) >= plan.Options.TimeLimit)
                return FormattableString.Invariant($"says that {ElapsedTicks} ticks have passed");
            if (ValidationsSinceBest < 0 || ValidationsSinceBest >= Step || ValidationsSinceBest >= plan.Options.Patience)
                return FormattableString.Invariant($"counts {ValidationsSinceBest} validations without a lower loss");
            bool areLosses = BestLoss is null ? ValidationLoss is null && ValidationsSinceBest == 0
                : double.IsFinite(BestLoss.Value) && ValidationLoss is { } last && double.IsFinite(last) && last >= BestLoss;
            return areLosses ? null : FormattableString.Invariant($"has the losses {BestLoss} and {ValidationLoss}");
        }
    }
}
