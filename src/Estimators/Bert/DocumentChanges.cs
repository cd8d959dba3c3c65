using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Bert;

/// <summary>Says of each row of a cursor whether it begins a document: whether a column has another value than in the row before.</summary>
internal static class DocumentChanges
{
    /// <summary>What tells of the cursor's current row; to be called once for each row.</summary>
    public static Func<bool> Create(DataViewRow row, string columnName)
    {
        DataViewSchema.Column column = row.Schema[columnName];
        if (column.Type is not KeyDataViewType)
            return ClassLabels.Dispatch((PrimitiveDataViewType)column.Type, new Values(row, column));
        KeyInput keys = KeyInput.Create(row, columnName);
        return Changes(() => keys.ReadAll()[0]);
    }

    private static Func<bool> Changes<T>(Func<T> next)
    {
        (T? last, bool isFirst) = (default, true);
        return () =>
        {
            T value = next();
            bool isOther = isFirst || !EqualityComparer<T>.Default.Equals(value, last);
            (last, isFirst) = (value, false);
            return isOther;
        };
    }

    private sealed class Values(DataViewRow row, DataViewSchema.Column column) : ClassLabels.ITypedOperation<Func<bool>>
    {
        public Func<bool> Run<T>(Func<string, T> parse, Func<T, string> format)
            where T : notnull
        {
            ValueGetter<T> getter = row.GetGetter<T>(column);
            T value = default!;
            return Changes(() =>
            {
                getter(ref value);
                return format(value);
            });
        }
    }
}
