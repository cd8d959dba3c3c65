using Microsoft.ML;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about models that make rows.</summary>
internal static class GeneratorChecks
{
    private const int Many = 130, Few = 3, Seed = 5;

    [Point(32)]
    public static void A_generator_gives_the_same_rows_for_the_same_seed(Workout workout)
    {
        if (workout.Model is not IGenerator)
            return;
        string[] expected = Rows(workout.Model, Many, Seed);
        Assert.HasCount(Many, expected, $"Generate({Many}) must give as many rows.");
        // That what was loaded is of the same type is another check's matter.
        foreach ((string name, ITransformer model) in workout.Models().Where(found => found.Item2 is IGenerator))
        {
            CollectionAssert.AreEqual(expected, Rows(model, Many, Seed), $"{name} must give the same rows for the same seed.");
            CollectionAssert.AreEqual(expected[..Few], Rows(model, Few, Seed), $"The first rows of {name} must not depend on how many are made.");
            Assert.IsFalse(expected.SequenceEqual(Rows(model, Many, Seed + 1)), $"Another seed must give other rows of {name}.");
        }
    }

    [Point(32)]
    public static void Generated_rows_have_the_names_and_types_of_those_fitted(Workout workout)
    {
        if (workout.Model is not IGenerator generator)
            return;
        IDataView made = Expect.Works("Generate", () => generator.Generate(Few, Seed));
        DataViewSchema.Column[] columns = [.. made.Schema];
        Assert.IsNotEmpty(columns, "Generated rows must have columns.");
        foreach (DataViewSchema.Column column in columns)
        {
            DataViewSchema.Column? fitted = workout.OwnRows.Schema.GetColumnOrNull(column.Name);
            Assert.IsTrue(
                fitted is { Type: var type } && type.Equals(column.Type),
                $"Column '{column.Name}' of generated rows must be as that of the rows fitted, {fitted?.Type}, but is {column.Type}.");
        }

        Expect.Throws("Generate(-1)", () => generator.Generate(-1, Seed), typeof(ArgumentOutOfRangeException));
        Assert.IsEmpty(Expect.Works("Generate(0)", () => Table.Read(generator.Generate(0, Seed))).Ids, "Generate(0) must give no rows.");
    }

    private static string[] Rows(ITransformer model, int count, int seed)
    {
        Table table = Expect.Works("Generate", () => Table.Read(((IGenerator)model).Generate(count, seed)));
        return [.. Enumerable.Range(0, table.RowCount).Select(row => string.Join("; ", table.Columns.Values.Select(values => Table.Text(values[row]))))];
    }
}
