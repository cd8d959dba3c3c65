using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>A page of Markdown that users read.</summary>
internal static class Page
{
    private static readonly MarkdownPipeline Parser = new MarkdownPipelineBuilder().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    /// <summary>The README, the pages of `docs`, and the page of every technique.</summary>
    public static IEnumerable<string> All => ["README.md", .. Below("docs", "*.md"), .. Below("samples", "README.md")];

    /// <summary>Those, and the pages beside the README.</summary>
    public static IEnumerable<string> Linked => [.. All, "CONTRIBUTING.md", "CHANGELOG.md"];

    /// <summary>The blocks of C# on a page, in order.</summary>
    public static IReadOnlyList<string> CodeOf(string page) =>
    [
        .. Parse(page).Descendants<FencedCodeBlock>()
            .Where(block => block.Info == "csharp")
            .Select(block => block.Lines.ToString()),
    ];

    /// <summary>Where the links and pictures of a page lead.</summary>
    public static IReadOnlyList<string> LinksOf(string page) => [.. Parse(page).Descendants<LinkInline>().Select(link => link.Url ?? "")];

    /// <summary>The names by which the headings of a page are linked to.</summary>
    public static IReadOnlyList<string> AnchorsOf(string page) =>
        [.. Parse(page).Descendants<HeadingBlock>().Select(heading => heading.GetAttributes().Id ?? "")];

    private static MarkdownDocument Parse(string page) => Markdown.Parse(File.ReadAllText(Repository.Path(page)), Parser);

    private static IEnumerable<string> Below(string folder, string pattern) =>
        Directory.GetFiles(Repository.Path(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);
}
