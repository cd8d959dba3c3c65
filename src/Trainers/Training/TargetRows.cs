using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Training;

/// <summary>Rows with the numbers that a network shall learn to give, for minibatches.</summary>
internal static class TargetRows
{
    private const string TargetRequirement = "a Single or a vector of Single of known length";

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
            throw InputColumns.Mismatch(name, TargetRequirement, SchemaShapes.TypeName(column));
    }

    /// <summary>Reads a view, in one pass.</summary>
    /// <param name="data">The view.</param>
    /// <param name="images">The inputs.</param>
    /// <param name="targetColumn">The numbers to learn; null for the inputs themselves.</param>
    /// <param name="options">The most memory for rows.</param>
    /// <param name="environment">The environment of the fit, which may be cancelled.</param>
    /// <param name="change">Checks and changes a row, if there is something to change.</param>
    /// <returns>The rows, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A number is not finite or an image is missing; the message names column and row.</exception>
    public static TrainingRows Read(IDataView data, ImageColumn images, string? targetColumn, MinibatchOptions options, IHostEnvironment environment, TargetRow? change = null)
    {
        DataViewSchema.Column input = images.Require(data.Schema);
        float[] inputs = new float[images.Shape.Size], targets = new float[targetColumn is null ? 0 : RequireTarget(data.Schema, targetColumn)];
        DataViewSchema.Column[] columns = targetColumn is null ? [input] : [input, data.Schema[targetColumn]];
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        var inputReader = new FiniteReader(cursor, images.CreateReader(cursor), images.Name);
        FiniteReader? targetReader = targetColumn is null ? null : new(cursor, TargetReader(cursor, data.Schema[targetColumn]), targetColumn);
        var rows = new TrainingRows(inputs.Length, targetColumn is null ? null : new(TrainingRows.Targets, targets.Length), options, Check);
        try
        {
            while (cursor.MoveNext())
            {
                Check();
                inputReader.Read(inputs);
                targetReader?.Read(targets);
                change?.Invoke(rows.Count, inputs, targets);
                rows.Add(inputs, targets);
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }

        void Check() => Host.ThrowIfCanceled(environment);
    }

    private static RowReader TargetReader(DataViewRow row, DataViewSchema.Column column) => column.Type is VectorDataViewType ? new VectorReader(row, column) : new NumberReader(row, column);

    private sealed class NumberReader(DataViewRow row, DataViewSchema.Column column) : RowReader
    {
        private readonly ValueGetter<float> _getter = row.GetGetter<float>(column);

        public override void Read(Span<float> values) => _getter(ref values[0]);
    }
}

/// <summary>Checks and changes the inputs and targets of a row.</summary>
internal delegate void TargetRow(int row, Span<float> inputs, Span<float> targets);
