using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>Pages lead where they say, and the first of them is short.</summary>
[TestClass]
public sealed class PageTests
{
    private const int MostLines = 100;
    private const int LongestResult = 80;

    public static IEnumerable<object[]> Pages => Page.Linked.Select(page => new object[] { page });

    [TestMethod, DynamicData(nameof(Pages))]
    public void Every_link_leads_somewhere(string page)
    {
        string[] broken = [.. Page.LinksOf(page).Where(link => !Uri.TryCreate(link, UriKind.Absolute, out _) && !LeadsSomewhere(page, link))];
        CollectionAssert.AreEqual(Array.Empty<string>(), broken, $"{page} links to {string.Join(", ", broken)}.");
    }

    [TestMethod]
    public void A_missing_file_and_a_missing_heading_are_found()
    {
        Assert.IsTrue(LeadsSomewhere("README.md", "CONTRIBUTING.md#where-things-are"));
        Assert.IsTrue(LeadsSomewhere("samples/CoVe/README.md", "../Elmo/README.md#as-an-onnx-model"));
        Assert.IsTrue(LeadsSomewhere("README.md", "#two-commands"));
        Assert.IsFalse(LeadsSomewhere("README.md", "CONTRIBUTING.md#where-nothing-is"));
        Assert.IsFalse(LeadsSomewhere("README.md", "Elmo/README.md"));
        Assert.IsFalse(LeadsSomewhere("README.md", ""));
    }

    [TestMethod]
    public void Every_page_is_linked_to()
    {
        string[] linked = [.. Page.Linked.SelectMany(page => Page.LinksOf(page).Select(link => Target(page, link.Split('#')[0])))];
        string[] lonely = [.. Page.All.Where(page => page != "README.md" && !linked.Contains(Path.GetFullPath(Repository.Path(page))))];
        CollectionAssert.AreEqual(Array.Empty<string>(), lonely, string.Join(", ", lonely));
    }

    [TestMethod]
    public void The_readme_is_short()
    {
        string[] lines = File.ReadAllLines(Repository.Path("README.md"));
        string[] table = [.. lines.Where(line => line.StartsWith('|'))];
        Assert.IsLessThanOrEqualTo(MostLines, lines.Length - table.Length, "README.md is too long: it leads to the pages of docs.");
        foreach (string row in table.Where(row => row.Contains("samples/", StringComparison.Ordinal)))
        {
            string[] cells = row.Trim('|').Split('|');
            Assert.HasCount(5, cells, $"A row has technique, paper, call, sample and result: {row}");
            Assert.IsLessThanOrEqualTo(LongestResult, cells[4].Trim().Length, $"A result of README.md is short: {cells[4]}");
        }
    }

    private static bool LeadsSomewhere(string page, string link)
    {
        string[] parts = link.Split('#');
        string target = Target(page, parts[0]);
        if (parts.Length == 1)
            return link.Length > 0 && (File.Exists(target) || Directory.Exists(target));
        return File.Exists(target) && Page.AnchorsOf(Path.GetRelativePath(Repository.Root, target)).Contains(parts[1]);
    }

    // A link without a file is to a heading of the page itself.
    private static string Target(string page, string file) =>
        Path.GetFullPath(file.Length == 0 ? Repository.Path(page) : Path.Combine(Path.GetDirectoryName(Repository.Path(page))!, file));
}
