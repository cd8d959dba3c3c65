using System.IO.Compression;

namespace MLNet.Papers.Samples.Characters;

/// <summary>The files of a folder or of a .zip, by their paths inside it, without hidden ones.</summary>
internal sealed class FileTree : IDisposable
{
    private const long LargestFile = 1L << 28;

    private readonly ZipArchive? _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    /// <summary>Opens a folder or a .zip.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="InputException">There is no such folder or file, or the file is no .zip.</exception>
    public FileTree(string path)
    {
        Root = path;
        try
        {
            if (Directory.Exists(path))
            {
                Paths = Sorted(
                    Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(path, file).Replace('\\', '/')));
                return;
            }

            if (!File.Exists(path))
                throw new InputException($"'{path}' does not exist.");
            _archive = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in _archive.Entries.Where(entry => entry.Name.Length > 0))
                _entries[entry.FullName.Replace('\\', '/')] = entry;
            Paths = Sorted(_entries.Keys);
        }
        catch (InvalidDataException exception)
        {
            throw new InputException($"'{path}' is neither a folder nor a .zip file that can be read: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The folder or .zip, as the user named it.</summary>
    public string Root { get; }

    /// <summary>The paths of all files, relative to <see cref="Root"/>, with slashes, in ordinal order.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The folder part of a path, without a slash at its end; empty at the top.</summary>
    public static string FolderOf(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "";

    /// <summary>The content of a file.</summary>
    /// <exception cref="InputException">The file cannot be read.</exception>
    public byte[] Read(string path)
    {
        try
        {
            if (_archive is null)
                return File.ReadAllBytes(Path.Combine(Root, path));
            ZipArchiveEntry entry = _entries[path];
            if (entry.Length > LargestFile)
                throw new InputException($"'{Root}': '{path}' is larger than {LargestFile >> 20} MB.");
            byte[] content = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new InputException($"'{Root}': '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _archive?.Dispose();

    private static string[] Sorted(IEnumerable<string> paths) =>
        [.. paths.Where(path => !path.Split('/').Any(part => part.StartsWith('.') || part == "__MACOSX")).Order(StringComparer.Ordinal)];
}
