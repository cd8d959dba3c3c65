using MLNet.Papers.Persistence;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>What a training needs to go on in another process.</summary>
internal sealed class Checkpoint : IDisposable
{
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
    public void Write(TrainingState state, TimeSpan elapsed, nn.Module network, NetworkOptimizer optimizer) => WholeFile.Write(_path, writer =>
    {
        writer.WriteJson("state", new Saved(_fingerprint, state.Step, state.BestLoss, state.ValidationsSinceBest, state.ValidationLoss, elapsed.Ticks));
        NetworkSnapshot.Of(network).Write(writer, "network.");
        state.Best?.Write(writer, "best.");
        optimizer.Write(writer, "optimizer.");
        using Tensor generator = random.get_rng_state();
        writer.Write<byte>("generator", generator.data<byte>().ToArray(), generator.numel());
    });

    /// <summary>Reads the state into a fresh network and optimizer; null if the folder holds none.</summary>
    /// <param name="plan">The training that goes on: a state at its end, or beyond, is none of its own.</param>
    /// <param name="network">The network.</param>
    /// <param name="optimizer">Its optimizer.</param>
    /// <exception cref="InvalidOperationException">The state belongs to another training, or is damaged.</exception>
    public TrainingState? TryRead(TrainingPlan plan, nn.Module network, NetworkOptimizer optimizer)
    {
        if (!File.Exists(_path))
            return null;
        try
        {
            using FileStream file = File.OpenRead(_path);
            var reader = new ModelReader(file);
            Saved saved = reader.ReadJson<Saved>("state");
            if (saved.Fingerprint != _fingerprint)
                throw new InvalidOperationException($"The checkpoint '{_path}' was written by a training with other options, another seed or other data. Choose another CheckpointFolder or delete the file to start anew.");
            if (saved.FindFault(plan) is { } fault)
                throw new FormatException($"Block 'state' {fault}.");
            NetworkSnapshot current = NetworkSnapshot.Read(reader, "network.", network);
            NetworkSnapshot? best = saved.BestLoss is null ? null : NetworkSnapshot.Read(reader, "best.", network);
            byte[] state = reader.Read<byte>("generator", -1);
            if (GeneratorState.FindFault(state) is { } generatorFault)
                throw new FormatException($"Block 'generator' is no state of a generator: {generatorFault}.");
            optimizer.Read(reader, "optimizer.", saved.Step);
            reader.End();
            current.CopyTo(network);
            using (Tensor generator = tensor(state))
                random.set_rng_state(generator);
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

    private sealed record Saved(string Fingerprint, long Step, double? BestLoss, int ValidationsSinceBest, double? ValidationLoss, long ElapsedTicks)
    {
        // A state is written only where training goes on after it.
        public string? FindFault(TrainingPlan plan)
        {
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
