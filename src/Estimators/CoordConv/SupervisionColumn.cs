using Microsoft.ML;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using MLNet.Papers.Training;

namespace MLNet.Papers.CoordConv;

/// <summary>A column of what images are to tell: numbers, or classes.</summary>
/// <param name="Name">Its name.</param>
internal sealed record SupervisionColumn(string Name) : InputColumn
{
    private DataViewSchema.Column? Training { get; init; }

    /// <summary>Whether it has numbers.</summary>
    public bool HasNumbers(DataViewSchema schema) => TargetColumn.IsTarget(new(schema[Name]));

    internal override string? FindFault(ColumnType type)
    {
        bool hasNumbers = TargetColumn.IsTarget(type);
        InputColumn column = hasNumbers ? new TargetColumn(Name) : new LabelColumn(Name);
        if (Training is not { } training)
            return column.FindFault(type);
        return TargetColumn.IsTarget(new(training)) == hasNumbers
            ? column.Like(training).FindFault(type)
            : $"of the same kind in Validation as in training ({training.Type})";
    }

    internal override InputColumn Like(DataViewSchema.Column training) => this with { Training = training };
}
