using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Training;

namespace MLNet.Papers.Distillation;

/// <summary>The networks of a fit that are trained already, in its checkpoint folder, so that the fit goes on after them in another process.</summary>
/// <param name="folder">The folder; null keeps nothing.</param>
/// <param name="architecture">The networks.</param>
internal sealed class FinishedNetworks(string? folder, LayeredArchitecture architecture) : IDisposable
{
    private readonly FolderLock? _lock = folder is null ? null : new FolderLock(folder);
    private readonly List<string> _paths = [];

    /// <summary>Reads a network; null if it is not there.</summary>
    /// <param name="number">Which one.</param>
    /// <param name="fingerprint">What differs for other options or data.</param>
    /// <exception cref="InvalidOperationException">It belongs to another training, or is damaged.</exception>
    public NetworkWeights? TryRead(int number, string fingerprint)
    {
        if (folder is null)
            return null;
        string path = PathOf(number);
        _paths.Add(path);
        if (!File.Exists(path))
            return null;
        try
        {
            using FileStream file = File.OpenRead(path);
            var reader = new ModelReader(file);
            if (reader.ReadJson<string>("fingerprint") != fingerprint)
            {
                throw new InvalidOperationException(
                    $"The network '{path}' was trained with other options, another seed or other data. " +
                    "Choose another CheckpointFolder or delete the file to start anew.");
            }

            NetworkWeights weights = NetworkWeights.Read(reader, architecture);
            reader.End();
            return weights.IsFinite ? weights : throw new FormatException("A weight is not finite.");
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException($"The network '{path}' is damaged: {exception.Message} Delete it to start anew.", exception);
        }
    }

    /// <summary>Keeps a network. It is written beside its place and then moved there, so that it is whole or not there.</summary>
    public void Write(int number, string fingerprint, NetworkWeights weights)
    {
        if (folder is null)
            return;
        WholeFile.Write(PathOf(number), writer =>
        {
            writer.WriteJson("fingerprint", fingerprint);
            weights.Write(writer, architecture);
        });
    }

    /// <summary>Forgets all networks: the fit is done.</summary>
    public void Delete()
    {
        foreach (string path in _paths)
            File.Delete(path);
    }

    /// <summary>Leaves the folder to others.</summary>
    public void Dispose() => _lock?.Dispose();

    private string PathOf(int number) => Path.Combine(folder!, FormattableString.Invariant($"generation-{number}.network"));
}
