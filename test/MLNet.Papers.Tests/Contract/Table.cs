using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Tests.Contract;

/// <summary>The values of a view, read through its cursors and freed of ML.NET's buffers, for comparison.</summary>
/// <param name="Ids">The id of every row.</param>
/// <param name="Columns">For the index of a column the value of every row; vectors as dense arrays, texts as strings.</param>
/// <param name="Schema">The schema of the view.</param>
internal sealed record Table(DataViewSchema Schema, IReadOnlyList<DataViewRowId> Ids, IReadOnlyDictionary<int, object[]> Columns)
{
    private static readonly MethodInfo ReadScalar = typeof(Table).GetMethod(nameof(ScalarReader), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo ReadVector = typeof(Table).GetMethod(nameof(VectorReader), BindingFlags.NonPublic | BindingFlags.Static)!;

    public int RowCount => Ids.Count;

    /// <summary>Reads some columns of a view, or all of them, hidden ones too.</summary>
    public static Table Read(IDataView view, IEnumerable<DataViewSchema.Column>? columns = null, Random? random = null)
    {
        DataViewSchema.Column[] wanted = [.. columns ?? view.Schema];
        using DataViewRowCursor cursor = view.GetRowCursor(wanted, random);
        return Read(cursor, wanted);
    }

    /// <summary>Reads the rest of a cursor.</summary>
    public static Table Read(DataViewRowCursor cursor, IReadOnlyList<DataViewSchema.Column> columns)
    {
        (int Index, Func<object> Next, List<object> Values)[] readers =
            [.. columns.Select(column => (column.Index, Reader(cursor, column), new List<object>()))];
        ValueGetter<DataViewRowId> idGetter = cursor.GetIdGetter();
        var ids = new List<DataViewRowId>();
        while (cursor.MoveNext())
        {
            Assert.AreEqual(ids.Count, cursor.Position, "The position of a cursor must count the rows.");
            DataViewRowId id = default;
            idGetter(ref id);
            ids.Add(id);
            foreach ((_, Func<object> next, List<object> values) in readers)
                values.Add(next());
        }

        return new Table(cursor.Schema, ids, readers.ToDictionary(reader => reader.Index, reader => reader.Values.ToArray()));
    }

    /// <summary>A function that reads a column at the row's position. It keeps the buffer, as users of ML.NET do.</summary>
    public static Func<object> Reader(DataViewRow row, DataViewSchema.Column column) => (Func<object>)(column.Type is VectorDataViewType vector
        ? ReadVector.MakeGenericMethod(vector.ItemType.RawType)
        : ReadScalar.MakeGenericMethod(column.Type.RawType)).Invoke(null, [row, column])!;

    /// <summary>A value freed of ML.NET's buffers.</summary>
    public static object Plain<T>(T value) => value is ReadOnlyMemory<char> text ? text.ToString() : value!;

    /// <summary>A vector freed of ML.NET's buffers.</summary>
    public static object Plain<T>(in VBuffer<T> value) =>
        value is VBuffer<ReadOnlyMemory<char>> texts ? texts.DenseValues().Select(text => text.ToString()).ToArray() : value.DenseValues().ToArray();

    /// <summary>The values of a column by the numbers that <see cref="WorkoutData.RowNumber"/> gives the rows.</summary>
    public Dictionary<long, object[]> ByRowNumber()
    {
        object[] numbers = Columns[Schema[WorkoutData.RowNumber].Index];
        int[] columns = [.. Columns.Keys.Order()];
        var rows = new Dictionary<long, object[]>();
        for (int row = 0; row < RowCount; row++)
            Assert.IsTrue(rows.TryAdd((long)numbers[row], [.. columns.Select(column => Columns[column][row])]), $"Row {numbers[row]} comes twice.");
        return rows;
    }

    /// <summary>The same columns with other rows.</summary>
    public Table Take(IReadOnlyList<int> rows) =>
        new(Schema, [.. rows.Select(row => Ids[row])], Columns.ToDictionary(column => column.Key, column => rows.Select(row => column.Value[row]).ToArray()));

    /// <summary>The first difference in the columns of <paramref name="actual"/>, or null.</summary>
    /// <param name="actual">What should have the values of this table; it may have fewer columns.</param>
    /// <param name="tolerance">How far numbers may be apart.</param>
    public string? FindDifference(Table actual, Tolerance tolerance)
    {
        if (actual.RowCount != RowCount)
            return string.Create(CultureInfo.InvariantCulture, $"there must be {RowCount} rows, but there are {actual.RowCount}");
        foreach ((int index, object[] values) in actual.Columns)
        {
            for (int row = 0; row < values.Length; row++)
            {
                if (!tolerance.AreEqual(Columns[index][row], values[row]))
                    return $"column '{Schema[index].Name}' must be {Text(Columns[index][row])} in row {Text(row)}, but is {Text(values[row])}";
            }
        }

        return null;
    }

    public static string Text(object value) => value switch
    {
        Array array => $"[{string.Join(", ", array.Cast<object>().Select(element => Convert.ToString(element, CultureInfo.InvariantCulture)))}]",
        MLImage picture => $"{picture.Height} × {picture.Width}: {Pixels(picture)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Pixels(MLImage picture)
    {
        byte[] buffer = [];
        return Convert.ToHexString(PicturePixels.Read(picture, ref buffer));
    }

    private static Func<object> ScalarReader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return Plain(value);
        };
    }

    private static Func<object> VectorReader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return Plain(in value);
        };
    }
}

/// <summary>How far numbers may be apart: absolutely below one, relative to the greater one above it.</summary>
/// <param name="Single">For Single.</param>
/// <param name="Double">For Double.</param>
internal sealed record Tolerance(double Single, double Double)
{
    public static Tolerance Exact { get; } = new(0, 0);

    /// <summary>What is computed again in the same way.</summary>
    public static Tolerance Reload { get; } = new(1e-6, 1e-9);

    /// <summary>What is computed in another order.</summary>
    public static Tolerance Rounding { get; } = new(1e-5, 1e-5);

    public bool AreEqual(object expected, object actual) => (expected, actual) switch
    {
        (float a, float b) => AreClose(a, b, Single),
        (double a, double b) => AreClose(a, b, Double),
        (float[] a, float[] b) => a.Length == b.Length && a.Zip(b).All(pair => AreClose(pair.First, pair.Second, Single)),
        (double[] a, double[] b) => a.Length == b.Length && a.Zip(b).All(pair => AreClose(pair.First, pair.Second, Double)),
        (Array a, Array b) => a.Length == b.Length && a.Cast<object>().SequenceEqual(b.Cast<object>()),
        _ => expected.Equals(actual),
    };

    private static bool AreClose(double a, double b, double tolerance) =>
        a.Equals(b) || Math.Abs(a - b) <= tolerance * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)));
}
