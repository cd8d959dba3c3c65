using System.Text.RegularExpressions;

namespace MLNet.Papers.Tests.Architecture;

/// <summary>What belongs together: a technique, its sample, its line of the README and its tests.</summary>
[TestClass]
public sealed partial class ConsistencyTests
{
    public static IEnumerable<object[]> Techniques => Repository.Techniques.Select(technique => new object[] { technique });

    [TestMethod]
    public void Techniques_are_found() => CollectionAssert.Contains(Repository.Techniques.ToArray(), "PrototypicalNetworks");

    [TestMethod, DynamicData(nameof(Techniques))]
    public void A_technique_says_what_it_reproduces(string technique)
    {
        string path = Repository.Path("samples", technique, "README.md");
        Assert.IsTrue(File.Exists(path), $"'{path}' is missing.");
        string[] headings = [.. File.ReadLines(path).Where(line => line.StartsWith('#')).Select(line => line.Trim('#', ' '))];
        foreach (string part in new[] { "Results", "Differences" })
        {
            Assert.IsTrue(
                headings.Any(heading => heading.StartsWith(part, StringComparison.Ordinal)),
                $"'{path}' has no part '{part}', but {string.Join(", ", headings)}.");
        }
    }

    [TestMethod, DynamicData(nameof(Techniques))]
    public void A_technique_has_a_row_in_the_readme(string technique)
    {
        bool hasRow = File.ReadLines(Repository.Path("README.md"))
            .Any(line => line.StartsWith('|') && line.Contains($"samples/{technique}", StringComparison.Ordinal));
        Assert.IsTrue(hasRow, $"The table of README.md has no row with a link to samples/{technique}.");
    }

    [TestMethod, DynamicData(nameof(Techniques))]
    public void A_technique_has_tests_of_its_fidelity(string technique)
    {
        string folder = Repository.Path("test", "MLNet.Papers.Tests", technique);
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*FidelityTests.cs") : [];
        Assert.IsNotEmpty(files, $"'{folder}' has no file *FidelityTests.cs.");
    }

    [TestMethod, DynamicData(nameof(Techniques))]
    public void A_technique_has_a_case_for_the_contract(string technique)
    {
        string folder = Repository.Path("test", "MLNet.Papers.Tests", technique);
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*Case.cs") : [];
        Assert.IsNotEmpty(files, $"'{folder}' has no file *Case.cs.");
    }

    [TestMethod]
    public void What_a_technique_shows_is_declared_in_its_folder()
    {
        string[] elsewhere =
        [
            .. from file in Repository.Files("src", "PublicAPI.*.txt")
               from line in File.ReadLines(file)
               where !line.StartsWith('#')
               let declaration = Repository.DeclarationOf(PublicType().Match(line).Groups["name"].Value)
               // What is shared in a room stands beside its project.
               let home = Repository.Techniques.Contains(declaration.Folder) ? declaration.Path : Repository.Path("src", declaration.Room)
               where Path.GetDirectoryName(file) != home
               select $"{Path.GetRelativePath(Repository.Root, file)}: {line}",
        ];
        CollectionAssert.AreEqual(Array.Empty<string>(), elsewhere, string.Join(Environment.NewLine, elsewhere));
    }

    [TestMethod]
    public void Benchmarks_are_found_by_reflection()
    {
        string program = File.ReadAllText(Repository.Path("test", "MLNet.Papers.Benchmarks", "Program.cs"));
        string[] named = [.. Repository.Techniques.Where(technique => program.Contains(technique, StringComparison.Ordinal))];
        CollectionAssert.AreEqual(Array.Empty<string>(), named, $"Program.cs of the benchmarks names {string.Join(", ", named)}.");
    }

    [TestMethod]
    public void Two_commands_are_all_that_a_fresh_machine_needs()
    {
        Match block = TwoCommands().Match(File.ReadAllText(Repository.Path("README.md")));
        Assert.IsTrue(block.Success, "README.md has no fenced block under the heading '## Two commands'.");
        string[] commands = block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(2, commands);
        StringAssert.Contains(File.ReadAllText(Repository.Path(".ci", "run")), commands[1], ".ci/run does not run the second of the README's two commands.");
    }

    [TestMethod]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Repository.Path("MLNet.Papers.sln"));
        string[] missing =
        [
            .. new[] { "src", "samples", "test" }.SelectMany(folder => Repository.Files(folder, "*.csproj"))
                .Select(project => Path.GetFileName(project))
                .Where(project => !solution.Contains(project, StringComparison.Ordinal)),
        ];
        // The one that takes the packed package, as an application does.
        CollectionAssert.AreEqual(new[] { "MLNet.Papers.Application.csproj" }, missing, string.Join(", ", missing));
    }

    [GeneratedRegex(@"^## Two commands\s*\n(?:[^#]*?\n)??```\w*\n(?<lines>.*?)\n```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TwoCommands();

    [GeneratedRegex(@"^~?(?:\w+ )*?(?:MLNet\.Papers|Microsoft\.ML)\.(?<name>\w+)")]
    private static partial Regex PublicType();
}
