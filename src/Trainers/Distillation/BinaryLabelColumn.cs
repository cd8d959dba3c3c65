using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Distillation;

/// <summary>A column of labels that are true or false, or missing.</summary>
/// <param name="Name">Its name.</param>
internal sealed record BinaryLabelColumn(string Name) : InputColumn
{
    /// <summary>What reads the class of the current row: 0 for false, 1 for true, -1 for none.</summary>
    public ClassReader CreateReader(DataViewRow row)
    {
        DataViewSchema.Column column = row.Schema[Name];
        if (column.Type is BooleanDataViewType)
        {
            ValueGetter<bool> boolean = row.GetGetter<bool>(column);
            bool isTrue = false;
            return () =>
            {
                boolean(ref isTrue);
                return isTrue ? 1 : 0;
            };
        }

        ValueGetter<float> number = row.GetGetter<float>(column);
        float value = 0;
        return () =>
        {
            number(ref value);
            return value switch
            {
                0 => 0,
                1 => 1,
                float.NaN => -1,
                _ => throw new InvalidOperationException(FormattableString.Invariant(
                    $"Column '{Name}' must be 0, 1 or NaN, but is {value} in row {row.Position}.")),
            };
        };
    }

    internal override string? FindFault(ColumnType type) =>
        type.Kind == VectorKind.Scalar && (type.Item is BooleanDataViewType || type.IsSingle) ? null : "a Boolean or a Single";
}
