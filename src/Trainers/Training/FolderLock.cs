namespace MLNet.Papers.Training;

/// <summary>
/// A folder that one training uses alone, in this process and in all others on the machine, until it is disposed or the process ends in any way.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const string FileName = "training.lock";

    private readonly FileStream _file;

    /// <summary>Takes a folder, making it if need be.</summary>
    /// <exception cref="InvalidOperationException">Another training uses it.</exception>
    public FolderLock(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        try
        {
            // The system gives it back when the process is killed; the file may then be left, and does no harm.
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            throw new InvalidOperationException(
                $"Another training uses the checkpoint folder '{folder}'. Choose another CheckpointFolder, or wait until that training has ended.", exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
