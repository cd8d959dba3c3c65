using System.Text;

namespace MLNet.Papers.Samples.Characters;

/// <summary>One run of Omniglot's one-shot test: characters of one alphabet by one writer, to be recognised in the hand of another.</summary>
/// <param name="Name">The run's folder, such as <c>run01</c>.</param>
/// <param name="Support">One image of each character.</param>
/// <param name="Queries">
/// The images to be classified; <see cref="CharacterImage.Character"/> is the true class, one of those in <paramref name="Support"/>.
/// </param>
internal sealed record OneShotRun(string Name, IReadOnlyList<CharacterImage> Support, IReadOnlyList<CharacterImage> Queries);

/// <summary>Reads the runs of the one-shot test from Omniglot's <c>all_runs.zip</c>, or from a folder that was unpacked from it.</summary>
/// <remarks>
/// A run is a folder with a file <c>class_labels.txt</c>, whose lines name a test image and the training image of the same character, both by their
/// paths from the folder that holds the runs.
/// </remarks>
internal static class OneShotRuns
{
    private const string LabelFile = "class_labels.txt";

    /// <summary>Reads all runs.</summary>
    /// <param name="path">The .zip or folder.</param>
    /// <exception cref="InputException">It has no runs, or one of them is incomplete.</exception>
    public static IReadOnlyList<OneShotRun> Read(string path)
    {
        using var files = new FileTree(path);
        OneShotRun[] runs =
        [
            .. files.Paths.Where(file => file.Split('/')[^1] == LabelFile && file.Contains('/', StringComparison.Ordinal)).Select(file => ReadRun(files, file)),
        ];
        return runs.Length > 0 ? runs : throw new InputException($"'{path}' has no one-shot runs: there is no folder with a {LabelFile}.");
    }

    private static OneShotRun ReadRun(FileTree files, string labelFile)
    {
        string run = FileTree.FolderOf(labelFile);
        string above = FileTree.FolderOf(run);
        HashSet<string> existing = [.. files.Paths];
        var queries = new List<(string Image, string Class)>();
        foreach (string line in Encoding.UTF8.GetString(files.Read(labelFile))
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2)
                throw new InputException($"'{files.Root}': '{labelFile}' must have two paths in each line, but has '{line}'.");
            string[] images = [.. parts.Select(part => above.Length == 0 ? part : $"{above}/{part}")];
            if (images.FirstOrDefault(image => !existing.Contains(image)) is { } missing)
                throw new InputException($"'{files.Root}': '{labelFile}' names '{missing}', which does not exist.");
            queries.Add((images[0], images[1]));
        }

        string[] classes = [.. queries.Select(query => query.Class).Distinct().Order(StringComparer.Ordinal)];
        if (classes.Length < 2)
            throw new InputException($"'{files.Root}': '{labelFile}' must name at least 2 characters, but names {classes.Length}.");
        string name = run.Split('/')[^1];
        return new OneShotRun(
            name,
            [.. classes.Select(image => Image(image, image, writer: 1))],
            [.. queries.Select(query => Image(query.Image, query.Class, writer: 2))]);

        CharacterImage Image(string image, string character, int writer) =>
            new($"{name}/{Path.GetFileNameWithoutExtension(character)}", name, writer, ImageReader.Read(files, image));
    }
}
