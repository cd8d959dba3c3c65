namespace MLNet.Papers.Samples.Characters;

/// <summary>Reads labelled images from a folder or a .zip: one folder a class, at any depth, with the class's images directly in it.</summary>
/// <remarks>
/// The class is named by the path of its folder, the alphabet by the path above it, both without what all paths have in common: in Omniglot's archives
/// <c>Korean/character07</c> and <c>Korean</c>. Files that are not .png, .jpg or .bmp, hidden ones and <c>__MACOSX</c> are passed over.
/// </remarks>
internal static class ImageFolder
{
    /// <summary>Reads all images.</summary>
    /// <param name="path">The folder or .zip.</param>
    /// <returns>The images ordered by class and file name; the writer is the place in that order.</returns>
    /// <exception cref="InputException">The path cannot be read, holds no images or one outside a class folder, or an image is damaged.</exception>
    public static IReadOnlyList<CharacterImage> Read(string path)
    {
        using var files = new FileTree(path);
        string[] paths = [.. files.Paths.Where(ImageReader.IsImage)];
        if (paths.Length == 0)
            throw new InputException($"'{path}' has no images (.png, .jpg or .bmp).");
        if (paths.FirstOrDefault(image => FileTree.FolderOf(image).Length == 0) is { } loose)
            throw new InputException($"'{path}': '{loose}' lies outside a class folder; there must be one folder a class.");

        var images = new List<CharacterImage>(paths.Length);
        IGrouping<string, string>[] classes = [.. paths.GroupBy(FileTree.FolderOf)];
        int common = CommonParts(classes.Select(group => group.Key.Split('/')));
        foreach (IGrouping<string, string> group in classes)
        {
            string character = string.Join('/', group.Key.Split('/').Skip(common));
            int writer = 0;
            foreach (string image in group)
                images.Add(new CharacterImage(character, FileTree.FolderOf(character), ++writer, ImageReader.Read(files, image)));
        }

        return images;
    }

    // How many folders all paths start with, not counting the class folders themselves.
    private static int CommonParts(IEnumerable<string[]> paths)
    {
        string[][] all = [.. paths];
        int common = 0;
        while (all.All(parts => parts.Length > common + 1 && parts[common] == all[0][common]))
            common++;
        return common;
    }
}
