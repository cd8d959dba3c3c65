using System.Globalization;
using System.Text.RegularExpressions;

namespace MLNet.Papers.Tests.Architecture;

/// <summary>What .editorconfig says and the build does not look at.</summary>
[TestClass]
public sealed partial class StyleTests
{
    private static IEnumerable<string> Sources => new[] { "src", "samples", "test" }.SelectMany(folder => Repository.Files(folder, "*.cs"));

    [TestMethod]
    public void Lines_are_no_longer_than_they_may_be()
    {
        string setting = File.ReadLines(Repository.Path(".editorconfig")).Single(line => line.StartsWith("max_line_length = ", StringComparison.Ordinal));
        int limit = int.Parse(setting.Split(" = ")[1], CultureInfo.InvariantCulture);
        string[] longer =
        [
            .. from file in Sources
               from line in File.ReadLines(file).Index()
               where line.Item.Length > limit
               select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}",
        ];
        Assert.IsEmpty(longer, $"{longer.Length} lines have more than {limit} characters: {string.Join(", ", longer.Take(20))}.");
    }

    [TestMethod]
    public void Usings_are_in_order()
    {
        string[] mixed =
        [
            .. from file in Sources
               let usings = Using().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value).ToArray()
               let ordered = usings.OrderByDescending(name => name.Split('.')[0] == "System").ThenBy(name => name, StringComparer.OrdinalIgnoreCase)
               where !usings.SequenceEqual(ordered)
               select Path.GetRelativePath(Repository.Root, file),
        ];
        Assert.IsEmpty(mixed, string.Join(", ", mixed));
    }

    [GeneratedRegex(@"^using (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
