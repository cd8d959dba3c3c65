using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Images;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Labels;

/// <summary>The rows of a view in memory: the inputs of a network, and the numbers that it shall learn to give.</summary>
/// <remarks>Holds 4·(D + K) bytes a row.</remarks>
/// <param name="Features">The inputs, row by row.</param>
/// <param name="Size">D, their length in a row.</param>
/// <param name="Targets">The numbers to learn, row by row; the inputs themselves where there are no others.</param>
/// <param name="TargetSize">K, their length in a row.</param>
internal sealed record TargetRows(float[] Features, int Size, float[] Targets, int TargetSize)
{
    private const string TargetRequirement = "a Single or a vector of Single of known length";

    public int Count => Features.Length / Size;

    /// <summary>Whether a column holds numbers to learn, as opposed to classes.</summary>
    public static bool IsTarget(DataViewSchema.Column column) =>
        (column.Type is VectorDataViewType { IsKnownSize: true } vector ? vector.ItemType : column.Type).Equals(NumberDataViewType.Single);

    /// <summary>The same for a promise.</summary>
    public static bool IsTarget(SchemaShape.Column column) =>
        column.Kind is SchemaShape.Column.VectorKind.Vector or SchemaShape.Column.VectorKind.Scalar && column.ItemType.Equals(NumberDataViewType.Single) && !column.IsKey;

    /// <summary>How many numbers a column holds in a row.</summary>
    /// <param name="schema">The schema to search.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="length">The number it must be, or null for any.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static int RequireTarget(DataViewSchema schema, string name, int? length = null)
    {
        DataViewSchema.Column column = InputColumns.Require(schema, name);
        if (!IsTarget(column))
            throw InputColumns.Mismatch(name, TargetRequirement, column.Type.ToString()!);
        int size = (column.Type as VectorDataViewType)?.Size ?? 1;
        return length is null || size == length ? size : throw InputColumns.Mismatch(name, FormattableString.Invariant($"a vector of Single of length {length}"), column.Type.ToString()!);
    }

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static void RequireTarget(SchemaShape schema, string name)
    {
        SchemaShape.Column column = InputColumns.Require(schema, name);
        if (!IsTarget(column))
            throw InputColumns.Mismatch(name, TargetRequirement, Interop.SchemaShapes.TypeName(column));
    }

    /// <summary>Reads a view into memory, in one pass.</summary>
    /// <param name="data">The view.</param>
    /// <param name="images">The inputs.</param>
    /// <param name="targetColumn">The numbers to learn; null for the inputs themselves.</param>
    /// <param name="check">Called for every row; throws to stop.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A number is not finite or an image is missing; the message names column and row.</exception>
    public static TargetRows Read(IDataView data, ImageColumn images, string? targetColumn, Action? check = null)
    {
        DataViewSchema.Column input = images.Require(data.Schema);
        int targetSize = targetColumn is null ? images.Shape.Size : RequireTarget(data.Schema, targetColumn);
        DataViewSchema.Column[] columns = targetColumn is null ? [input] : [input, data.Schema[targetColumn]];
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        var features = new FiniteRows(cursor, images.CreateReader(cursor), images.Name, images.Shape.Size);
        FiniteRows? targets = targetColumn is null ? null : new(cursor, TargetReader(cursor, data.Schema[targetColumn]), targetColumn, targetSize);
        while (cursor.MoveNext())
        {
            check?.Invoke();
            features.Read();
            targets?.Read();
        }

        float[] all = features.ToArray();
        return new TargetRows(all, images.Shape.Size, targets?.ToArray() ?? all, targetSize);
    }

    private static RowReader TargetReader(DataViewRow row, DataViewSchema.Column column) => column.Type is VectorDataViewType ? new VectorReader(row, column) : new NumberReader(row, column);

    private sealed class NumberReader(DataViewRow row, DataViewSchema.Column column) : RowReader
    {
        private readonly ValueGetter<float> _getter = row.GetGetter<float>(column);

        public override void Read(Span<float> values) => _getter(ref values[0]);
    }
}
