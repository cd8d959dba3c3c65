using MLNet.Papers.Persistence;

namespace MLNet.Papers.Training;

/// <summary>What a training needs to go on in another process.</summary>
internal sealed class Checkpoint : IDisposable
{
    // 2: several players, memory of the task, and no state of a generator.
    private const int Format = 2;
    private const string FileName = "training.checkpoint";

    private static readonly TimeSpan LongestTraining = TimeSpan.FromDays(100 * 365);

    private readonly string _path;
    private readonly string _fingerprint;
    private readonly FolderLock _lock;

    /// <summary>Opens a folder, making it if need be, for this training alone.</summary>
    /// <exception cref="InvalidOperationException">Another training uses the folder.</exception>
    public Checkpoint(string folder, string fingerprint)
    {
        _lock = new FolderLock(folder);
        _path = Path.Combine(folder, FileName);
        _fingerprint = fingerprint;
    }

    /// <summary>Writes the state beside the former one and then puts it in its place, so that one of them is whole at any time.</summary>
    public void Write(TrainingState state, TimeSpan elapsed, TrainingTask task) => WholeFile.Write(_path, writer =>
    {
        writer.WriteJson("state", new Saved(Format, _fingerprint, state.Step, state.BestLoss, state.ValidationsSinceBest, state.ValidationLoss, elapsed.Ticks));
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
    public TrainingState? TryRead(TrainingPlan plan, TrainingTask task)
    {
        if (!File.Exists(_path))
            return null;
        try
        {
            using FileStream file = File.OpenRead(_path);
            var reader = new ModelReader(file);
            Saved saved = reader.ReadJson<Saved>("state");
            if (saved.Fingerprint != _fingerprint)
            {
                throw new InvalidOperationException(
                    $"The checkpoint '{_path}' was written by a training with other options, another seed or other data. " +
                    "Choose another CheckpointFolder or delete the file to start anew.");
            }

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
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException($"The checkpoint '{_path}' cannot be read: {exception.Message} Delete the file to start anew.", exception);
        }
    }

    /// <summary>Removes the state of a training that has ended.</summary>
    public void Delete() => File.Delete(_path);

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose() => _lock.Dispose();

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
            if (ElapsedTicks < 0 || ElapsedTicks > LongestTraining.Ticks || TimeSpan.FromTicks(ElapsedTicks) >= plan.Options.TimeLimit)
                return FormattableString.Invariant($"says that {ElapsedTicks} ticks have passed");
            if (ValidationsSinceBest < 0 || ValidationsSinceBest >= Step || ValidationsSinceBest >= plan.Options.Patience)
                return FormattableString.Invariant($"counts {ValidationsSinceBest} validations without a lower loss");
            bool areLosses = BestLoss is null ? ValidationLoss is null && ValidationsSinceBest == 0
                : double.IsFinite(BestLoss.Value) && ValidationLoss is { } last && double.IsFinite(last) && last >= BestLoss;
            return areLosses ? null : FormattableString.Invariant($"has the losses {BestLoss} and {ValidationLoss}");
        }
    }
}
