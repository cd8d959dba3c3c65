using Markdig;
using Markdig.Syntax;
using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>A page of Markdown that users read.</summary>
internal static class Page
{
    /// <summary>The README, and the page of every technique.</summary>
    public static IEnumerable<string> All =>
    [
        "README.md",
        .. Directory.GetFiles(Repository.Path("samples"), "README.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The blocks of C# on a page, in order.</summary>
    public static IReadOnlyList<string> CodeOf(string page) =>
    [
        .. Markdown.Parse(File.ReadAllText(Repository.Path(page)))
            .Descendants<FencedCodeBlock>()
            .Where(block => block.Info == "csharp")
            .Select(block => block.Lines.ToString()),
    ];
}
