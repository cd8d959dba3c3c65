using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Labels;

/// <summary>The classes of a classifier, and the column that named them.</summary>
/// <remarks>
/// Scored rows that have this column get it once more, as a key of the classifier's classes: ML.NET's evaluators compare keys by their numbers, so that values
/// which are no keys, or are keys of another order, would not fit the scores. A value that is none of the classes is missing.
/// </remarks>
/// <param name="LabelColumnName">The column; null where a file of an older version does not say it.</param>
/// <param name="Classes">The classes.</param>
internal sealed record NamedClasses(string? LabelColumnName, ClassLabels Classes)
{
    /// <summary>The label column of rows to score, if it must be given anew: it is there, and says the classes otherwise than the classifier does.</summary>
    public DataViewSchema.Column? FindLabel(DataViewSchema schema)
    {
        if (LabelColumnName is null || schema.GetColumnOrNull(LabelColumnName) is not { } column)
            return null;
        if (column.Type is not KeyDataViewType)
            return ClassLabels.Supports(column.Type) ? column : null;
        bool isKnown = ClassLabels.TypeOfKeyValues(column) is not null && new ColumnType(column).IsKey;
        return isKnown && !ClassLabels.Of(column).Names.SequenceEqual(Classes.Names) ? column : null;
    }

    /// <summary>The column as it is given.</summary>
    public OutputColumn Output()
    {
        var keyValues = new DataViewSchema.Annotations.Builder();
        Classes.AddKeyValues(keyValues);
        return new OutputColumn(LabelColumnName!, new KeyDataViewType(typeof(uint), Classes.Count), keyValues.ToAnnotations());
    }

    /// <summary>What reads the column of a row: numbers of classes from 0, -1 where there is none.</summary>
    public KeyInput CreateReader(DataViewRow row)
    {
        DataViewSchema.Column column = row.Schema[LabelColumnName!];
        if (column.Type is not KeyDataViewType)
            return LabelIndex.Of(column, Classes).Reader(row);
        int[] known = [.. ClassLabels.Of(column).Names.Select(Classes.Find)];
        return new Renumbered(KeyInput.Create(row, column.Name), known);
    }

    private sealed class Renumbered(KeyInput keys, int[] known) : KeyInput
    {
        private readonly int[] _class = new int[1];

        public override ReadOnlySpan<int> Read() => ReadAll()[0] >= 0 ? _class : [];

        public override ReadOnlySpan<int> ReadAll()
        {
            _class[0] = keys.ReadAll()[0] is var key and >= 0 ? known[key] : -1;
            return _class;
        }
    }
}
