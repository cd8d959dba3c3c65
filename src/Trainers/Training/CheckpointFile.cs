using MLNet.Papers.Persistence;

namespace MLNet.Papers.Training;

/// <summary>The file that a training writes its state into, in a folder that it uses alone.</summary>
internal sealed class CheckpointFile : IDisposable
{
    /// <summary>Longer than any training has been.</summary>
    public static readonly TimeSpan LongestTraining = TimeSpan.FromDays(100 * 365);

    private const string FileName = "training.checkpoint";

    private readonly string _path;
    private readonly string _fingerprint;
    private readonly FolderLock _lock;

    /// <summary>Opens a folder, making it if need be, for this training alone.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="fingerprint">A text that differs for other trainings.</param>
    /// <exception cref="InvalidOperationException">Another training uses the folder.</exception>
    public CheckpointFile(string folder, string fingerprint)
    {
        _lock = new FolderLock(folder);
        _path = Path.Combine(folder, FileName);
        _fingerprint = fingerprint;
    }

    /// <summary>Writes the state beside the former one and then puts it in its place, so that one of them is whole at any time.</summary>
    public void Write(Action<ModelWriter> write) => WholeFile.Write(_path, write);

    /// <summary>Reads the state; null if there is none.</summary>
    /// <param name="fingerprint">Gives the fingerprint that the state was written with, which is looked at before the rest is read.</param>
    /// <param name="read">Reads the state; whatever is wrong with it is a <see cref="FormatException"/>.</param>
    /// <exception cref="InvalidOperationException">The state belongs to another training, or is damaged.</exception>
    public TState? TryRead<TSaved, TState>(Func<TSaved, string> fingerprint, Func<ModelReader, TSaved, TState> read)
        where TState : class
    {
        if (!File.Exists(_path))
            return null;
        try
        {
            using FileStream file = File.OpenRead(_path);
            var reader = new ModelReader(file);
            TSaved saved = reader.ReadJson<TSaved>("state");
            if (fingerprint(saved) != _fingerprint)
            {
                throw new InvalidOperationException(
                    $"The checkpoint '{_path}' was written by a training with other options, another seed or other data. " +
                    "Choose another CheckpointFolder or delete the file to start anew.");
            }

            return read(reader, saved);
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
}
