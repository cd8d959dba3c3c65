using Microsoft.ML;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Labels;

/// <summary>A column of labels: keys, or values of which the distinct ones become the classes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="AllowsSeveral">Whether a row may have several labels: a vector of keys.</param>
internal sealed record LabelColumn(string Name, bool AllowsSeveral = false) : InputColumn
{
    /// <summary>Classes that stand for those that the column of a promised schema will have.</summary>
    public ClassLabels ClassesOf(SchemaShape schema) => ClassLabels.PromisedBy(Require(schema));

    /// <summary>The column as a classifier gives it, for it is no key of its classes; or nothing.</summary>
    public IEnumerable<OutputColumn> GivenAnew(SchemaShape schema) => Require(schema) is { IsKey: false, Kind: VectorKind.Scalar }
        ? [new NamedClasses(Name, ClassesOf(schema)).Output()]
        : [];

    internal override string? FindFault(ColumnType type)
    {
        bool fits = type.Kind == VectorKind.Scalar ? type.IsKey || (type.Item is { } item && ClassLabels.Supports(item)) : AllowsSeveral && type.IsKey;
        return fits ? null : $"a key of known count, a text, a number or a Boolean{(AllowsSeveral ? ", or a vector of keys" : "")}";
    }
}
