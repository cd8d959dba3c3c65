using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Documentation;

namespace MLNet.Papers.Tests.Packaging;

/// <summary>The packed package in an application outside the solution, as a user takes it.</summary>
[TestClass]
public sealed class PackageTests
{
    private static readonly string[] Rooms = ["Interop", "Transforms", "Trainers", "Estimators"];

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="MLNet.Papers" Version="VERSION" />
            <PackageReference Include="RUNTIME" Version="2.10.0" />
          </ItemGroup>
        </Project>
        """;

    // Trains and saves when called without a file; otherwise loads a model without naming a type of the package, and scores with it.
    private const string Program = """
        using Microsoft.ML;
        using Microsoft.ML.Data;

        if (args[0] == "pictures")
        {
            Pictures.Run();
            return;
        }

        var ml = new MLContext(seed: 1);
        Row[] rows =
        [
            .. Enumerable.Range(0, 60)
                .Select(i => new Row { Label = "class " + i % 4, Features = [.. Enumerable.Range(0, 8).Select(j => i % 4 == j ? 1f : i / 100f)] }),
        ];
        IDataView data = ml.Data.LoadFromEnumerable(rows);
        if (args[0] == "train")
            ml.Model.Save(ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: new() { Episodes = 20 }).Fit(data), data.Schema, args[1]);
        ITransformer model = ml.Model.Load(args[1], out _);
        IDataView scored = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(model.Transform(data)).Transform(model.Transform(data));
        Console.WriteLine(string.Join(", ", ml.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false).Take(4).Select(row => row.PredictedLabel)));

        class Row { public string Label { get; set; } = ""; [VectorType(8)] public float[] Features { get; set; } = []; }
        class Prediction { public string PredictedLabel { get; set; } = ""; }
        """;

    [TestMethod]
    [TestCategory("Slow")]
    public void Packed_package_trains_saves_and_loads_in_an_application_outside_the_solution()
    {
        string configuration = AppContext.BaseDirectory.Contains(
            $"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        string version = string.Create(CultureInfo.InvariantCulture, $"0.0.0-test.{Environment.ProcessId}.{DateTime.UtcNow.Ticks}");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mlnet-papers-package-");
        try
        {
            Run(Repository.Root, "pack", "src/Estimators", "-c", configuration, "--no-build", $"-p:Version={version}", "-o", folder.FullName);
            AssertContains(Path.Combine(folder.FullName, $"MLNet.Papers.{version}.nupkg"), [
                "README.md", "icon.png", "buildTransitive/net10.0/MLNet.Papers.targets",
                .. Page.LinksOf("README.md").Where(link => !link.Contains("://", StringComparison.Ordinal)).Select(link => link.Split('#')[0]).Distinct(),
                .. from room in Rooms from extension in new[] { "dll", "xml" } select $"lib/net10.0/MLNet.Papers.{room}.{extension}",
            ]);
            AssertContains(Path.Combine(folder.FullName, $"MLNet.Papers.{version}.snupkg"), Rooms.Select(room => $"lib/net10.0/MLNet.Papers.{room}.pdb"));
            string runtime = OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64" : OperatingSystem
                .IsMacOS() ? "libtorch-cpu-osx-arm64" : "libtorch-cpu-linux-x64";
            string application = folder.CreateSubdirectory("application").FullName;
            File.WriteAllText(
                Path.Combine(application, "nuget.config"),
                $"<configuration><packageSources><add key=\"packed\" value=\"{folder.FullName}\" /></packageSources></configuration>");
            File.WriteAllText(
                Path.Combine(application, "application.csproj"),
                Project.Replace("VERSION", version, StringComparison.Ordinal).Replace("RUNTIME", runtime, StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(application, "Program.cs"), Program);
            File.WriteAllText(Path.Combine(application, "Pictures.cs"), PictureProgram.Text);

            Assert.Contains("class 0, class 1, class 2, class 3", Run(application, "run", "-c", "Release", "--", "train", "model.zip"));
            Assert.Contains("class 0, class 1, class 2, class 3", Run(application, "run", "-c", "Release", "--no-build", "--", "load", "model.zip"));
            string pictures = Run(application, "run", "-c", "Release", "--no-build", "--", "pictures");
            Assert.AreEqual(11, Regex.Count(pictures, ": the same\r?$", RegexOptions.Multiline), pictures);
            Assert.AreEqual(2, Regex.Count(pictures, "scored 11 of 11"), pictures);
            Assert.Contains("own pictures: 11 of 11", pictures);
            AssertIsAtHome(folder.CreateSubdirectory("at-home").FullName, folder.FullName, version, runtime);
            AssertNeedsLibtorchForTrainingOnly(application, folder.CreateSubdirectory("without-libtorch").FullName);
            AssertRefusedByOlderFrameworks(application);
        }
        finally
        {
            folder.Delete(recursive: true);
            string cached = Path.Combine(GlobalPackages(), "mlnet.papers", version);
            if (Directory.Exists(cached))
                Directory.Delete(cached, recursive: true);
        }
    }

    private static void AssertContains(string package, IEnumerable<string> files)
    {
        using ZipArchive archive = ZipFile.OpenRead(package);
        CollectionAssert.IsSubsetOf(files.ToArray(), archive.Entries.Select(entry => entry.FullName).ToArray(), $"{Path.GetFileName(package)} lacks files.");
        if (!package.EndsWith(".nupkg", StringComparison.Ordinal))
            return;
        using var reader = new StreamReader(archive.GetEntry("MLNet.Papers.nuspec")!.Open());
        string description = reader.ReadToEnd();
        foreach (
            string element in new[] { "<icon>icon.png</icon>", "<readme>README.md</readme>", "<license type=\"expression\">MIT</license>", "<releaseNotes>" })
        {
            Assert.Contains(element, description);
        }

        AssertDependsOn(description);
    }

    // Pictures, labels, chains and numbers as an application has them; its files are those of MLNet.Papers.Application.
    private static void AssertIsAtHome(string application, string packages, string version, string runtime)
    {
        foreach (string file in Directory.GetFiles(Repository.Path("test/MLNet.Papers.Application")))
            File.Copy(file, Path.Combine(application, Path.GetFileName(file)));
        File.WriteAllText(
            Path.Combine(application, "nuget.config"),
            $"<configuration><packageSources><add key=\"packed\" value=\"{packages}\" /></packageSources></configuration>");
        string output = Run(application, "run", "-c", "Release", $"-p:PackedVersion={version}", $"-p:LibtorchPackage={runtime}");
        foreach (string line in (string[])
        [
            "pictures: learned, 54 of 54 rows scored", "labels: 4 of 4 evaluated", "chains: 1.00 right about new classes, late", "numbers: learned",
            "ONNX: the same scores, 60 of 60 names; ConvertToOnnx cannot write FastTextTransformer", "explanations: found among 3 and 3 features",
        ])
        {
            Assert.Contains(line, output);
        }
    }

    // The same application without libtorch scores, and says in one sentence what training needs; no native library is copied from elsewhere.
    private static void AssertNeedsLibtorchForTrainingOnly(string application, string without)
    {
        foreach (string file in new[] { "nuget.config", "application.csproj", "Program.cs", "Pictures.cs", "model.zip" })
            File.Copy(Path.Combine(application, file), Path.Combine(without, file));
        string project = Path.Combine(without, "application.csproj");
        File.WriteAllText(project, Regex.Replace(File.ReadAllText(project), "<PackageReference Include=\"libtorch[^>]*/>", ""));
        Assert.Contains("class 0, class 1, class 2, class 3", Run(without, "run", "-c", "Release", "--", "load", "model.zip"));
        using Process training = ProgramProcess.Dotnet(without, "run", "-c", "Release", "--no-build", "--", "train", "other.zip");
        string errors = training.StandardError.ReadToEnd();
        training.WaitForExit();
        Assert.AreNotEqual(0, training.ExitCode);
        Assert.Contains("System.InvalidOperationException: Training needs libtorch, which was not found: add the package libtorch-cpu-", errors);
        Assert.IsLessThan(20, errors.Split('\n').Length, errors);
        Assert.IsEmpty(Directory.GetFiles(without, "*torch_cpu*", SearchOption.AllDirectories), "Libtorch was copied.");
    }

    // An application for .NET 8 must not get a package that gives it nothing.
    private static void AssertRefusedByOlderFrameworks(string application)
    {
        string project = Path.Combine(application, "application.csproj");
        File.WriteAllText(project, File.ReadAllText(project).Replace("net10.0", "net8.0", StringComparison.Ordinal));
        using Process restore = ProgramProcess.Dotnet(application, "restore");
        string output = restore.StandardOutput.ReadToEnd();
        restore.WaitForExit();
        Assert.AreNotEqual(0, restore.ExitCode, output);
        Assert.Contains("NU1202", output);
    }

    // What the package drags into an application must be what ML.NET works with.
    private static void AssertDependsOn(string description)
    {
        string[] dependencies =
        [
            .. Regex.Matches(description, "<dependency id=\"([^\"]+)\"").Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal),
        ];
        CollectionAssert.AreEqual(
            new[] { "Google.Protobuf", "Microsoft.ML", "Microsoft.ML.ImageAnalytics", "PureHDF", "System.IO.Hashing", "System.Numerics.Tensors", "TorchSharp" },
            dependencies);
    }

    private static string GlobalPackages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Run(string folder, params string[] arguments)
    {
        using Process process = ProgramProcess.Dotnet(folder, arguments);
        return ProgramProcess.OutputOf(process);
    }
}
