using MLNet.Papers.Persistence;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>What a training needs to go on in another process.</summary>
internal sealed class Checkpoint
{
    private const string FileName = "training.checkpoint";

    private readonly string _path;
    private readonly string _fingerprint;

    /// <summary>Opens a folder, making it if need be.</summary>
    public Checkpoint(string folder, string fingerprint)
    {
        Directory.CreateDirectory(folder);
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
    /// <exception cref="InvalidOperationException">The state belongs to another training, or is damaged.</exception>
    public TrainingState? TryRead(nn.Module network, NetworkOptimizer optimizer)
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
            NetworkSnapshot.Read(reader, "network.", network).CopyTo(network);
            NetworkSnapshot? best = saved.BestLoss is null ? null : NetworkSnapshot.Read(reader, "best.", network);
            optimizer.Read(reader, "optimizer.");
            using (Tensor generator = tensor(reader.Read<byte>("generator", -1)))
                random.set_rng_state(generator);
            reader.End();
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

    private sealed record Saved(string Fingerprint, long Step, double? BestLoss, int ValidationsSinceBest, double? ValidationLoss, long ElapsedTicks);
}
