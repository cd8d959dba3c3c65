using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>A model of every estimator that an earlier version saved is read by this one and says what it said then.</summary>
/// <remarks>
/// The folder Golden beside an estimator's contract case has a .zip for each of its variants, and a .txt with what it said of the first rows of the case. A new
/// case gets them by running these tests with the variable MLNET_PAPERS_GOLDEN set to any text: what is missing is then made. A file that is there stays as it
/// is: a change of a format adds files, and must read these.
/// </remarks>
[TestClass]
public sealed class SavedModelTests
{
    private const int Rows = 4;

    public static IEnumerable<object[]> Estimators => EstimatorContractTests.Estimators;

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_saved_model_says_what_it_said_when_it_was_saved(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        string path = PathOf(workout.Case);
        if (!File.Exists(path + ".zip") && Environment.GetEnvironmentVariable("MLNET_PAPERS_GOLDEN") is not null)
            Write(path, workout);
        Assert.IsTrue(File.Exists(path + ".zip"), $"{path}.zip is missing: run the tests once with MLNET_PAPERS_GOLDEN=1 and add what they write.");
        ITransformer model = workout.Load(File.ReadAllBytes(path + ".zip"));
        string[] recorded = [.. File.ReadLines(path + ".txt").Where(line => !line.StartsWith('#'))], said = [.. Describe(model, workout.OwnRows)];
        (model as IDisposable)?.Dispose();
        Assert.HasCount(recorded.Length, said);
        foreach ((string expected, string actual) in recorded.Zip(said))
            Assert.IsTrue(AreAlike(expected, actual), $"{Path.GetFileName(path)}.zip said '{expected}' when it was saved, but says '{actual}'.");
    }

    /// <summary>A model that was read is written as it was found, but for JSON that has gained members or another order.</summary>
    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_saved_model_is_saved_again_as_the_same_blocks(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        byte[] kept = File.ReadAllBytes(PathOf(workout.Case) + ".zip");
        ITransformer model = workout.Load(kept);
        byte[] again = workout.Save(model);
        (model as IDisposable)?.Dispose();
        List<SavedBlock> before = Blocks(kept, out byte[] followedBy), after = Blocks(again, out byte[] nowFollowedBy);
        CollectionAssert.AreEqual(before.Select(block => block.Name).ToArray(), after.Select(block => block.Name).ToArray());
        foreach ((SavedBlock one, SavedBlock other) in before.Zip(after))
        {
            Assert.AreEqual(one.Type, other.Type, one.Name);
            if (one.Type == BlockType.Json)
            {
                AssertKept(JsonDocument.Parse(one.Data).RootElement, JsonDocument.Parse(other.Data).RootElement, one.Name);
                continue;
            }

            CollectionAssert.AreEqual(one.Shape, other.Shape, one.Name);
            CollectionAssert.AreEqual(one.Data, other.Data, one.Name);
        }

        CollectionAssert.AreEqual(followedBy, nowFollowedBy);

        static List<SavedBlock> Blocks(byte[] file, out byte[] rest)
        {
            SortedDictionary<string, byte[]> entries = ModelFile.Entries(file);
            byte[] weights = entries[ModelFile.WeightsEntry(entries)];
            List<SavedBlock> blocks = SavedBlock.ReadAll(weights, out int end);
            rest = weights[end..];
            return blocks;
        }

        static void AssertKept(JsonElement one, JsonElement other, string where)
        {
            Assert.AreEqual(one.ValueKind, other.ValueKind, where);
            switch (one.ValueKind)
            {
                case JsonValueKind.Object:
                    bool isLayer = one.TryGetProperty("Kind", out _);
                    foreach (JsonProperty property in one.EnumerateObject())
                    {
                        // Layers were once saved with the members of all kinds: those that their own kind does not have are at rest.
                        if (isLayer && (property.Value.GetRawText() is "0" or "1" or "false") && !other.TryGetProperty(property.Name, out _))
                            continue;
                        Assert.IsTrue(other.TryGetProperty(property.Name, out JsonElement now), $"{where}.{property.Name} is not saved.");
                        AssertKept(property.Value, now, $"{where}.{property.Name}");
                    }

                    break;
                case JsonValueKind.Array:
                    Assert.AreEqual(one.GetArrayLength(), other.GetArrayLength(), where);
                    for (int i = 0; i < one.GetArrayLength(); i++)
                        AssertKept(one[i], other[i], $"{where}[{i}]");
                    break;
                default:
                    Assert.IsTrue(JsonElement.DeepEquals(one, other), $"{where}: {one} was saved as {other}.");
                    break;
            }
        }
    }

    internal static string PathOf(IEstimatorCase single)
    {
        string technique = single.GetType().Namespace!.Split('.')[^1];
        string name = single.EstimatorType.Name + (
            single.Variant.Length == 0 ? "" : "-" + string.Concat(single.Variant.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-')));
        return Repository.Path("test", "MLNet.Papers.Tests", technique, "Golden", name);
    }

    private static void Write(string path, Workout workout)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ITransformer model = workout.Fit(workout.OwnRows);
        File.WriteAllBytes(path + ".zip", workout.Save(model));
        File.WriteAllLines(path + ".txt", [$"# What {Path.GetFileName(path)}.zip said of the first {Rows} rows of its contract case when it was " +
            "saved.", .. Describe(model, workout.OwnRows)]);
        (model as IDisposable)?.Dispose();
    }

    // A line for each value: the column, and the numbers or texts.
    private static IEnumerable<string> Describe(ITransformer model, MemoryView rows)
    {
        IDataView scored = model.Transform(rows);
        foreach (DataViewSchema.Column column in scored.Schema.Skip(rows.Schema.Count))
        {
            object[] values = Table.Read(scored, [column]).Columns[column.Index];
            for (int row = 0; row < Rows; row++)
                yield return $"{column.Name} {row}: {Table.Text(values[row])}";
        }
    }

    // What is computed may differ in the last bits between processors, which add in different orders.
    private static bool AreAlike(string expected, string actual)
    {
        string[] one = expected.Split(' '), other = actual.Split(' ');
        return one.Length == other.Length && one.Zip(other).All(pair => pair.First == pair.Second
            || (Number(pair.First) is { } first && Number(pair.Second) is { } second && Math.Abs(first - second) <= 1e-5 * Math.Max(1, Math.Abs(first))));
    }

    private static double? Number(string text) => double.TryParse(text.Trim('[', ']', ','), CultureInfo.InvariantCulture, out double number) ? number : null;
}
