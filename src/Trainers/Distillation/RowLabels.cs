using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Distillation;

/// <summary>The labels of rows as classes of a student.</summary>
/// <param name="index">The classes of the label column, and what reads them.</param>
/// <param name="classes">The student's classes.</param>
internal sealed class RowLabels(LabelIndex index, ClassLabels classes)
{
    private readonly int[] _classes = [.. index.Classes.Names.Select(classes.Find)];

    /// <summary>The labels of rows to validate on.</summary>
    /// <exception cref="InvalidOperationException">A class is not one of training.</exception>
    public static RowLabels OfValidation(IDataView data, string column, ClassLabels classes, Action check)
    {
        LabelIndex index = LabelIndex.Of(data, column, check);
        return index.Classes.Names.FirstOrDefault(name => classes.Find(name) < 0) is { } unknown && data.Schema[column].Type is not KeyDataViewType
            ? throw Unknown(column, unknown)
            : new RowLabels(index, classes);
    }

    /// <summary>What reads the class of the current row.</summary>
    public ClassReader CreateReader(DataViewRow row, string column)
    {
        KeyInput input = index.Reader(row);
        return () =>
        {
            ReadOnlySpan<int> key = input.Read();
            if (key.IsEmpty)
                return -1;
            int label = _classes[key[0]];
            return label >= 0 ? label : throw Unknown(column, index.Classes.Names[key[0]]);
        };
    }

    private static InvalidOperationException Unknown(string column, string name) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Column '{column}' of Validation has the class '{name}', which the training data do not have."));
}
