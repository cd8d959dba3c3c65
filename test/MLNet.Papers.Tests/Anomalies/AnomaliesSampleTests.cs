using System.Text.Json;
using MLNet.Papers.Samples;

namespace MLNet.Papers.Tests.Anomalies;

/// <summary>The sample of detectors from rows to figures and pictures.</summary>
[TestClass]
public sealed class AnomaliesSampleTests
{
    private string _folder = "";

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Strange_rows_of_made_up_data_are_told_and_drawn()
    {
        Assert.AreEqual(0, Run("--detectors", "kMeans", "randomizedPca", "--kinds", "1"));
        using var figures = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "figures.json")));
        double[] areas = [.. figures.RootElement.GetProperty("kMeansAuc").EnumerateArray().Select(area => area.GetDouble())];
        Assert.HasCount(2, areas);
        Assert.IsTrue(areas.All(area => area is > 60 and <= 100), string.Join(", ", areas));
        foreach (string picture in (string[])["machines-roc.png", "pixels-roc.png", "pixels-strangest.png"])
            Assert.IsGreaterThan(1_000, new FileInfo(Path.Combine(_folder, picture)).Length, picture);
    }

    [TestMethod]
    public void Tables_are_read_and_what_is_none_is_refused()
    {
        File.WriteAllText(Path.Combine(_folder, "breast_cancer.csv"), "569,30,malignant,benign\n1,2,x,0\n");
        Assert.AreNotEqual(0, Run("--data", _folder));
        File.Delete(Path.Combine(_folder, "breast_cancer.csv"));
        Assert.AreNotEqual(0, Run("--data", _folder));
    }

    private int Run(params string[] arguments) =>
        Program.Main(["anomalies", .. arguments, "--output", _folder, "--json", Path.Combine(_folder, "figures.json")]);
}
