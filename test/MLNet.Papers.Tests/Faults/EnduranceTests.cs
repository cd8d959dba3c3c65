using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Faults;

/// <summary>Memory stays flat while a transformer scores very many rows, and while a process fits very many models.</summary>
[TestClass]
public sealed class EnduranceTests
{
    /// <summary>Below what a leak of a byte a number would be, above what the allocators keep for later.</summary>
    private const long Allowed = 48 << 20;

    public static IEnumerable<object[]> Estimators => EstimatorContractTests.Estimators;

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Scoring_many_rows_does_not_grow(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        int rows = Soak.Or(2_000, 1_000_000);
        IDataView scored = workout.Model.Transform(workout.OwnRows.Cycle(rows));
        DataViewSchema.Column[] outputs = [.. scored.Schema.Skip(workout.OwnRows.Schema.Count)];
        using DataViewRowCursor cursor = scored.GetRowCursor(outputs);
        Action[] reads = [.. outputs.Select(column => Reader(cursor, column))];
        long warm = 0;
        while (cursor.MoveNext())
        {
            foreach (Action read in reads)
                read();
            if (cursor.Position == rows / 5)
                warm = Soak.WorkingSet();
        }

        long grown = Soak.WorkingSet() - warm;
        Assert.IsLessThan(Allowed, grown, $"After a fifth of {rows} rows the process had {Soak.Megabytes(warm)}, at the end {Soak.Megabytes(grown)} more.");
    }

    [TestMethod, DynamicData(nameof(Estimators))]
    public void Fitting_many_models_does_not_grow(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        int fits = Soak.Or(3, 100);
        long warm = 0;
        for (int fit = 0; fit < fits; fit++)
        {
            (workout.Fit() as IDisposable)?.Dispose();
            if (fit == fits / 5)
                warm = Soak.WorkingSet();
        }

        long grown = Soak.WorkingSet() - warm;
        Assert.IsLessThan(Allowed, grown, $"After a fifth of {fits} fits the process had {Soak.Megabytes(warm)}, at the end {Soak.Megabytes(grown)} more.");
    }

    private static Action Reader(DataViewRowCursor cursor, DataViewSchema.Column column) =>
        (Action)typeof(EnduranceTests).GetMethod(nameof(TypedReader), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(
                column.Type is VectorDataViewType ? typeof(VBuffer<>).MakeGenericType(((VectorDataViewType)column.Type).ItemType.RawType) : column.Type.RawType)
            .Invoke(null, [cursor, column])!;

    private static Action TypedReader<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        T value = default!;
        return () => getter(ref value);
    }
}
