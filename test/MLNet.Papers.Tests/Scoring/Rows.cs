using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Scoring;

/// <summary>Reads columns of a view.</summary>
internal static class Rows
{
    /// <summary>The values of a column, in the view's order.</summary>
    public static List<T> Values<T>(IDataView view, string column)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        return Values<T>(cursor, column);
    }

    /// <summary>The values of a column in the rows that are left of a cursor.</summary>
    public static List<T> Values<T>(DataViewRowCursor cursor, string column)
    {
        ValueGetter<T> getter = cursor.GetGetter<T>(cursor.Schema[column]);
        var values = new List<T>();
        while (cursor.MoveNext())
        {
            T value = default!;
            getter(ref value);
            values.Add(value);
        }

        return values;
    }

    /// <summary>The vectors of a column, in the view's order.</summary>
    public static float[][] Vectors(IDataView view, string column) => [.. Values<VBuffer<float>>(view, column).Select(value => value.DenseValues().ToArray())];

    /// <summary>The predicted classes, by name; "" where the key is missing.</summary>
    public static string[] Predicted(IDataView view)
    {
        VBuffer<ReadOnlyMemory<char>> slots = default;
        view.Schema["Score"].GetSlotNames(ref slots);
        string[] names = ["", .. slots.DenseValues().Select(name => name.ToString())];
        return [.. Values<uint>(view, "PredictedLabel").Select(key => names[key])];
    }
}
