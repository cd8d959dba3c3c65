using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>A model of every estimator that an earlier version saved is read by this one and says what it said then.</summary>
/// <remarks>
/// The folder Golden beside an estimator's contract case has a .zip for each of its variants, and a .txt with what it said of the first rows of the case. A new case gets them by
/// running these tests with the variable MLNET_PAPERS_GOLDEN set to any text: what is missing is then made. A file that is there stays as it is: a change of
/// a format adds files, and must read these.
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

    internal static string PathOf(IEstimatorCase single)
    {
        string technique = single.GetType().Namespace!.Split('.')[^1];
        string name = single.EstimatorType.Name + (single.Variant.Length == 0 ? "" : "-" + string.Concat(single.Variant.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-')));
        return Repository.Path("test", "MLNet.Papers.Tests", technique, "Golden", name);
    }

    private static void Write(string path, Workout workout)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ITransformer model = workout.Fit(workout.OwnRows);
        File.WriteAllBytes(path + ".zip", workout.Save(model));
        File.WriteAllLines(path + ".txt", [$"# What {Path.GetFileName(path)}.zip said of the first {Rows} rows of its contract case when it was saved.", .. Describe(model, workout.OwnRows)]);
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
