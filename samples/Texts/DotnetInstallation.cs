using System.Runtime.InteropServices;

namespace MLNet.Papers.Samples.Texts;

/// <summary>The .NET installation on this machine, which comes with texts: the documentation of its types, and its tools' messages in many languages.</summary>
internal static class DotnetInstallation
{
    /// <summary>The documentation files of the newest reference packs: one .xml an assembly.</summary>
    /// <exception cref="InputException">There are none.</exception>
    public static IReadOnlyList<string> DocumentationFiles()
    {
        string[] files = [.. Find("packs") is { } packs
            ? Directory.GetDirectories(packs, "*.Ref").SelectMany(DocumentationOf)
            : []];
        Array.Sort(files, StringComparer.Ordinal);
        return files.Length > 0 ? files : throw new InputException(
            "This machine has no .NET reference packs (packs/*.Ref/*/ref/net*/*.xml), which come with the .NET SDK. " +
            "Install the SDK, or give a text file with --data.");

        static string[] DocumentationOf(string pack) => Newest(pack) is { } version && Newest(Path.Combine(version, "ref"), "net") is { } framework
            ? Directory.GetFiles(framework, "*.xml")
            : [];
    }

    /// <summary>The folder of the newest SDK.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static string SdkFolder() => Find("sdk") is { } sdk && Newest(sdk) is { } newest ? newest : throw new InputException(
        "This machine has no .NET SDK, whose messages are what is learned from. Install it, or name the languages with a model that exists, with --model.");

    /// <summary>A folder of the installation that runs this process, or else of another one that this machine is told about.</summary>
    private static string? Find(string folder) => Roots()
        .OfType<string>()
        .Select(root => Path.Combine(root, folder))
        .FirstOrDefault(path => Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any());

    private static IEnumerable<string?> Roots()
    {
        // The runtime is in shared/Microsoft.NETCore.App/<version>, unless it was published with the program.
        yield return Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        yield return Environment.GetEnvironmentVariable("DOTNET_ROOT");
        yield return Path.GetDirectoryName(Environment.ProcessPath);
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var program = new FileInfo(Path.Combine(folder, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
            if (program.Exists)
                yield return Path.GetDirectoryName(program.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program.FullName);
        }
    }

    private static string? Newest(string folder, string prefix = "") => !Directory.Exists(folder) ? null : Directory.GetDirectories(folder)
        .Where(path => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal))
        .Select(path => (Path: path, Version: Version.TryParse(Path.GetFileName(path)[prefix.Length..].Split('-')[0], out Version? version) ? version : null))
        .Where(candidate => candidate.Version is not null)
        .MaxBy(candidate => candidate.Version).Path;
}
