using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Onnx;
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
        return KeyInput.Create(row, column.Name).Renumber(key => known[key]);
    }

    /// <summary>Adds the column as it is given to an ONNX model of a chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="input">The schema with the column as it is.</param>
    /// <param name="output">The schema with the column as it is given.</param>
    public void AddTo(OnnxChain chain, DataViewSchema input, DataViewSchema output)
    {
        DataViewSchema.Column column = input[LabelColumnName!];
        string read = chain.Find(column.Name) ?? throw new InvalidOperationException(
            $"ConvertToOnnx cannot write the label '{column.Name}', which comes from a step that is not in the model. Leave the column out (DropColumns).");
        (string Name, long Number)[] labels = column.Type is KeyDataViewType
            ? [.. ClassLabels.Of(column).Names.Select((name, key) => ($"{key + 1}", Classes.Find(name) + 1L))]
            : [.. Classes.Names.Select((name, index) => (name, index + 1L))];
        string encoded = chain.Value("/class");
        if (column.Type is TextDataViewType)
        {
            chain.Encode("keys_strings", Array.ConvertAll(labels, label => label.Name), Array.ConvertAll(labels, label => label.Number), read, encoded);
        }
        else
        {
            bool isFraction = column.Type.RawType == typeof(float) || column.Type.RawType == typeof(double);
            string plain = chain.Value("/label");
            chain.Operator("Cast", [read], [plain], [("to", (long)(isFraction ? OnnxType.Single : OnnxType.Int64))]);
            (double Value, long Number)[] numbers =
            [
                .. labels.Where(label => NumberOf(label.Name) is not null).Select(label => (NumberOf(label.Name)!.Value, label.Number)),
            ];
            Array values = isFraction ? Array.ConvertAll(numbers, pair => (float)pair.Value) : Array.ConvertAll(numbers, pair => (long)pair.Value);
            chain.Encode(isFraction ? "keys_floats" : "keys_int64s", values, Array.ConvertAll(numbers, pair => pair.Number), plain, encoded);
        }

        chain.Operator("Cast", [encoded], [chain.Column(column.Name, output[column.Name].Type)], [("to", (long)OnnxType.UInt32)]);
    }

    // The number that a class stands for; null if it is none.
    private static double? NumberOf(string name) => bool.TryParse(name, out bool isTrue) ? (isTrue ? 1 : 0)
        : double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number
        : null;
}
