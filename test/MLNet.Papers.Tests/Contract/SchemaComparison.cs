using Microsoft.ML;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Compares schemas in everything that a user can see.</summary>
internal static class SchemaComparison
{
    /// <summary>The first difference, or null: count, order, names, exact types, and all annotations with their values.</summary>
    public static string? FindDifference(DataViewSchema expected, DataViewSchema actual, string place = "")
    {
        if (expected.Count != actual.Count)
            return $"there must be the columns {Names(expected)}{place}, but there are {Names(actual)}";
        for (int i = 0; i < expected.Count; i++)
        {
            DataViewSchema.Column a = expected[i], b = actual[i];
            if (a.Name != b.Name)
                return $"column {i}{place} must be '{a.Name}', but is '{b.Name}'";
            if (!a.Type.Equals(b.Type))
                return $"column '{a.Name}'{place} must be {a.Type}, but is {b.Type}";
            if (a.IsHidden != b.IsHidden)
                return $"column {i}, '{a.Name}',{place} must {(a.IsHidden ? "" : "not ")}be hidden";
            if (FindDifference(a.Annotations, b.Annotations, $" among the annotations of column '{a.Name}'") is { } difference)
                return difference;
        }

        return null;
    }

    private static string? FindDifference(DataViewSchema.Annotations expected, DataViewSchema.Annotations actual, string place)
    {
        if (FindDifference(expected.Schema, actual.Schema, place) is { } difference)
            return difference;
        foreach (DataViewSchema.Column column in expected.Schema)
        {
            object a = Value(expected, column), b = Value(actual, column);
            if (!Tolerance.Exact.AreEqual(a, b))
                return $"'{column.Name}'{place} must be {Table.Text(a)}, but is {Table.Text(b)}";
        }

        return null;
    }

    private static object Value(DataViewSchema.Annotations annotations, DataViewSchema.Column column) =>
        Table.Reader(new AnnotationRow(annotations), annotations.Schema[column.Index])();

    private static string Names(DataViewSchema schema) => string.Join(", ", schema.Select(column => $"'{column.Name}'"));

    // Annotations read like the one row of a view.
    private sealed class AnnotationRow(DataViewSchema.Annotations annotations) : DataViewRow
    {
        public override DataViewSchema Schema => annotations.Schema;

        public override long Position => 0;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => annotations.GetGetter<TValue>(column);

        public override ValueGetter<Microsoft.ML.Data.DataViewRowId> GetIdGetter() => throw new NotSupportedException();
    }
}
