using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MLNet.Papers.Tests.Contract;

/// <summary>
/// The tests of saving, loading, training and messages once more, in processes of another culture: with a comma in numbers, and with Turkish letters.
/// </summary>
[TestClass]
public sealed class CultureTests
{
    private const string Expected = "MLNET_PAPERS_CULTURE";

    // Checks that write or read texts and numbers; models saved under no culture, which are in the repository, are among them.
    private static readonly string[] Parts =
    [
        nameof(The_culture_is_the_one_that_was_asked_for), "A_saved_model_loads_as_the_same_type", "Every_option_refuses_each_bad_value",
        "A_missing_or_wrong_column_is_refused_everywhere",
        "KeyTests", "RuleTests", "ClassLabelsTests", "LabelKindTests", "GoldenModelTests", "ModelRoundTripTests", "VectorFileTests", "ModelFileTests",
        "CheckpointTests", "FastTextTransformerTests",
    ];

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("tr-TR"), DataRow("de-DE")]
    public void The_tests_pass_under(string culture)
    {
        string filter = string.Join('|', Parts.Select(part => $"FullyQualifiedName~{part}"));
        using Process process = ProgramProcess.Start("MLNet.Papers.Tests", "MLNet.Papers.Tests", new Dictionary<string, string>
        {
            [Expected] = culture,
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0",
            ["TESTINGPLATFORM_UI_LANGUAGE"] = "en-US",
            ["LC_ALL"] = $"{culture.Replace('-', '_')}.UTF-8",
        }, "--filter", filter, "--no-progress");
        string output = ProgramProcess.OutputOf(process);
        int passed = int.Parse(Regex.Match(output, @"succeeded: (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.IsGreaterThan(200, passed, output);
    }

    [TestMethod]
    public void The_culture_is_the_one_that_was_asked_for()
    {
        string culture = Environment.GetEnvironmentVariable(Expected) ?? "";
        Assert.AreEqual(culture, CultureInfo.CurrentCulture.Name);
        Assert.AreEqual(culture.Length > 0 ? "1,5" : "1.5", 1.5.ToString(CultureInfo.CurrentCulture));
        Assert.AreEqual(culture == "tr-TR" ? "ı" : "i", "I".ToLower(CultureInfo.CurrentCulture));
    }
}
