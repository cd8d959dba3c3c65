using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Adds to the rows of a case what any input may have besides: columns of all kinds that pass through, and hidden ones.</summary>
internal static class WorkoutData
{
    /// <summary>A column that numbers the rows, so that they can be told apart in any order.</summary>
    public const string RowNumber = "PassedRowNumber";

    private const int SparseLength = 40;

    public static MemoryView Widen(MemoryView rows)
    {
        int count = rows.Columns[0].Count;
        int[] numbers = [.. Enumerable.Range(0, count)];
        return new MemoryView(
        [
            MemoryColumn.Values(RowNumber, NumberDataViewType.Int64, Of(i => (long)i)),
            .. rows.Columns.Select(column => MemoryColumn.Texts(column.Name, numbers.Select(i => $"hidden {i}"))),
            MemoryColumn.Texts("PassedText", numbers.Select(i => i % 5 == 0 ? "" : $"row {i}")),
            MemoryColumn.Values("PassedKey", new KeyDataViewType(typeof(byte), 9), Of(i => (byte)(i % 10))),
            .. rows.Columns,
            MemoryColumn.Keys("PassedNamedKey", Of(i => (uint)(i % 4)), "a", "b", "c"),
            MemoryColumn.Values("PassedNumber", NumberDataViewType.Single, Of(i => i % 11 == 0 ? float.NaN : i / 7f)),
            MemoryColumn.Values("PassedFlag", BooleanDataViewType.Instance, Of(i => i % 3 == 0)),
            MemoryColumn.Values("PassedTime", DateTimeDataViewType.Instance, Of(i => new DateTime(2020, 1, 1).AddHours(i))),
            MemoryColumn.Vectors("PassedVector", Of(i => new[] { i, i + 0.25f, -i })),
            MemoryColumn.Vectors("PassedSparse", NumberDataViewType.Double, Of(Sparse), SparseLength),
            MemoryColumn.Vectors("PassedVariable", NumberDataViewType.Single, Of(i => Variable(i % 6, place => (float)i + place))),
            MemoryColumn.Vectors("PassedTexts", TextDataViewType.Instance, Of(i => Variable(i % 3, place => $"{i}.{place}".AsMemory()))),
        ]);

        static VBuffer<double> Sparse(int i) => new(SparseLength, 2, [i, -i], [i % 20, 20 + (i % 20)]);

        static VBuffer<T> Variable<T>(int length, Func<int, T> value) => new(length, [.. Enumerable.Range(0, length).Select(value)]);

        T[] Of<T>(Func<int, T> value) => [.. numbers.Select(value)];
    }
}
