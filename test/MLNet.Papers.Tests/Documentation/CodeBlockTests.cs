using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>Every block of C# on the pages is compiled and run, with the data that its text speaks of.</summary>
[TestClass]
public sealed class CodeBlockTests
{
    // What a test has no time for: what stands on a page, and what is run in its place. Compiled is what stands there.
    private static readonly (string Written, string Run)[] Shortcuts =
    [
        ("Ways = 20, Shots = 1 }", "Ways = 20, Shots = 1, Episodes = 2 }"),
        ("TimeLimit = TimeSpan.FromMinutes(2) }", "Episodes = 30, Filters = 8 }"),
        ("TimeLimit = TimeSpan.FromMinutes(5),", "Episodes = 30, Filters = 8,"),
        ("app.Run();", "MLNet.Papers.Tests.Documentation.ServiceVisit.Make(app);"),
        ("Dimension = 100, Epochs = 5 }", "Dimension = 100, Epochs = 5, Buckets = 1000 }"),
        ("MinCount = 1 }", "MinCount = 1, Buckets = 1000 }"),
        ("WordNgrams = 2 }", "WordNgrams = 2, Buckets = 1000 }"),
        ("LabelColumnName = \"Label\" })", "LabelColumnName = \"Label\", Epochs = 1 })"),
        ("new() { ImageShape = new(1, 28, 28) })", "new() { ImageShape = new(1, 28, 28), Epochs = 1 })"),
        ("Ways = 5, Steps = 1 }", "Ways = 5, Steps = 1, TasksPerStep = 1, AdaptationSteps = 1 }"),
        ("new() { Epochs = 1, MinWordCount = 1 }", "new() { Epochs = 1, MinWordCount = 1, ProjectionSize = 8, CellSize = 8 }"),
        ("ElmoClassifier(elmo, \"Label\", \"Text\")", "ElmoClassifier(elmo, \"Label\", \"Text\", new() { Epochs = 1 })"),
        ("CodebookSize = 64 }", "CodebookSize = 64, Channels = 4, Epochs = 1, PriorEpochs = 1, PriorChannels = 4 }"),
        ("TargetColumnName = \"German\"", "TargetColumnName = \"German\", Epochs = 1, HiddenSize = 8, EmbeddingSize = 8, BatchSize = 4, MinTargetCount = 1"),
    ];

    // The assemblies are read once for all blocks, as paths they would be with each.
    private static readonly ScriptOptions Scripting = ScriptOptions.Default
        .WithReferences(
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(path => path.EndsWith(".dll", StringComparison.Ordinal))
                .Select(path => MetadataReference.CreateFromFile(path)))
        .WithImports(
            "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Text", "Microsoft.ML", "Microsoft.ML.Data",
            "Microsoft.ML.Transforms.Onnx", "MLNet.Papers", "MLNet.Papers.Tests.Documentation");

    public static IEnumerable<object[]> Blocks => Page.All.SelectMany(page => Page.CodeOf(page).Select((_, place) => new object[] { page, place }));

    [TestMethod, DynamicData(nameof(Blocks))]
    public async Task A_block_of_code_compiles_and_runs(string page, int place)
    {
        string code = Page.CodeOf(page)[place],
            shortened = Shortcuts.Aggregate(code, (text, shortcut) => text.Replace(shortcut.Written, shortcut.Run, StringComparison.Ordinal));
        string former = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            Environment.CurrentDirectory = folder;
            if (DocumentedProgram.Is(code))
            {
                RunProgram(page, code, shortened);
                return;
            }

            using var data = new CodeBlockData();
            Script<object> written = CSharpScript.Create(code, Scripting, typeof(CodeBlockData));
            // An assembly of ML.NET's that asks for an older version of another one is no fault of the block.
            string[] faults = [.. written.Compile(TestContext.CancellationToken).Where(fault => fault.Id != "CS1701").Select(fault => $"{fault}")];
            Assert.IsEmpty(faults, $"Block {place} of {page} must compile: {string.Join("; ", faults)}");
            Script<object> run = shortened == code ? written : CSharpScript.Create(shortened, Scripting, typeof(CodeBlockData));
            ScriptState<object> state = await run.RunAsync(data, TestContext.CancellationToken);
            foreach (ScriptVariable variable in state.Variables.Where(variable => variable.Value is IDisposable))
                ((IDisposable)variable.Value).Dispose();
        }
        finally
        {
            Environment.CurrentDirectory = former;
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Every_shortcut_is_taken()
    {
        string code = string.Concat(Page.All.SelectMany(Page.CodeOf));
        foreach ((string written, _) in Shortcuts)
            Assert.Contains(written, code, "No page says this any more.");
    }

    private static void RunProgram(string page, string code, string shortened)
    {
        DocumentedFiles.WritePictures();
        DocumentedFiles.WriteModel();
        _ = DocumentedProgram.Compile(code);
        string output = DocumentedProgram.Run(DocumentedProgram.Compile(shortened), "--urls", "http://127.0.0.1:0");
        if (page != "README.md")
            return;
        foreach (string file in Directory.GetFiles("unknown"))
            Assert.Contains($"{file}: {Path.GetFileName(file).Split(',')[0]}", output);
    }

    public TestContext TestContext { get; set; } = null!;
}
