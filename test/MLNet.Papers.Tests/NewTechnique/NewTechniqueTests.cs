using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.NewTechnique.DenoisingAutoencoder;

namespace MLNet.Papers.Tests.NewTechnique;

/// <summary>
/// The promise of CONTRIBUTING: a technique of known layers is its own folder and nothing else. A denoising autoencoder is one, kept here, and all of the
/// contract holds for it.
/// </summary>
[TestClass]
public sealed class NewTechniqueTests
{
    // The process that loads models of the package knows nothing of this one.
    private const string InAnotherProcess = nameof(PersistenceChecks.Another_process_loads_the_model);

    public static IEnumerable<object[]> Checks =>
        ContractChecks.All.Where(check => check.Name != InAnotherProcess).Select(check => new object[] { check.Name });

    [TestMethod, DynamicData(nameof(Checks))]
    public void The_contract_holds(string name)
    {
        using var workout = new Workout(new DenoisingAutoencoderCase());
        ContractChecks.All.Single(check => check.Name == name).Run(workout);
    }

    [TestMethod]
    public void No_other_file_knows_it()
    {
        string[] files = Directory.GetFiles(Repository.Path("test", "MLNet.Papers.Tests", "NewTechnique", "DenoisingAutoencoder"));
        Assert.HasCount(5, files);
        string[] sources =
        [
            .. new[] { "src", "test", "samples" }.SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*.cs", SearchOption.AllDirectories)),
        ];
        string[] others = [.. sources.Where(file => !files.Contains(file) && !file.EndsWith($"{nameof(NewTechniqueTests)}.cs", StringComparison.Ordinal)
            && File.ReadAllText(file).Contains(nameof(DenoisingAutoencoder), StringComparison.Ordinal))];
        Assert.IsEmpty(others, string.Join(", ", others));
    }

    [TestMethod]
    public void It_is_short()
    {
        int lines = Directory.GetFiles(Repository.Path("test", "MLNet.Papers.Tests", "NewTechnique", "DenoisingAutoencoder"))
            .Where(file => !file.EndsWith("Case.cs", StringComparison.Ordinal))
            .Sum(file => File.ReadLines(file).Count());
        Assert.IsLessThanOrEqualTo(140, lines);
    }
}
