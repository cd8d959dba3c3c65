using Microsoft.ML;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;

namespace MLNet.Papers.FewShot;

/// <summary>Answers a few-shot task: for each query its class, from 0.</summary>
/// <param name="support">Rows by their number, the shots of a class side by side.</param>
/// <param name="shots">Rows of a class.</param>
/// <param name="queries">Rows to classify.</param>
internal delegate int[] TaskSolver(ReadOnlySpan<int> support, int shots, ReadOnlySpan<int> queries);

/// <summary>The labelled rows that a user gives to name the classes.</summary>
internal static class SupportSet
{
    /// <summary>Reads them.</summary>
    /// <param name="support">The view.</param>
    /// <param name="features">What the network reads.</param>
    /// <param name="labelColumn">The classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A label is missing, a feature is not finite, or there are fewer than two classes with rows.</exception>
    public static LabelledRows Read(IDataView support, FeatureColumn features, string labelColumn)
    {
        LabelledRows rows = LabelledRows.Read(support, features, labelColumn);
        if (rows.WithoutLabel > 0)
        {
            throw new InvalidOperationException(
                $"Column '{labelColumn}' must name a class in every row of a support set, but is missing in {rows.WithoutLabel} of " +
                $"{rows.Count + rows.WithoutLabel}. Drop these rows or label them.");
        }

        int known = rows.Classes.Distinct().Count();
        return known >= 2 ? rows : throw new InvalidOperationException(
            $"Column '{labelColumn}' of a support set must have rows of at least 2 classes, but has rows of {known}. Add rows of other classes.");
    }

    /// <summary>Reads the rows of one more class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There is no row, or a feature is not finite.</exception>
    public static float[] ReadClass(IDataView rows, FeatureColumn features, string name)
    {
        float[] values = LabelledRows.ReadFeatures(rows, features);
        return values.Length > 0 ? values : throw new InvalidOperationException($"The class '{name}' must have at least 1 row, but has none.");
    }
}
