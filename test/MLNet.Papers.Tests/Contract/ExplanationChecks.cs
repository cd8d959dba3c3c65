using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about ML.NET's explanations of models.</summary>
internal static class ExplanationChecks
{
    private const string Label = "Explained";
    private const int Rows = 10;
    private const int MostFeatures = 100;

    [Point(30)]
    public static void The_importance_of_each_feature_is_found(Workout workout)
    {
        if (workout.Inputs().ToArray() is not [{ Type: VectorDataViewType { ItemType: NumberDataViewType, Size: > 0 and <= MostFeatures } vector } features])
            return;
        string[] names = [.. Enumerable.Range(0, vector.Size).Select(slot => $"feature {slot}")];
        MemoryView rows = workout.OwnRows.Cycle(Rows);
        rows = rows.With(MemoryColumn.Read(rows).Single(column => column.Name == features.Name).WithSlotNames(names));
        rows = new(MemoryColumn.Read(rows));
        if (FindImportances(workout, rows) is not { } find)
            return;
        IEnumerable<string> found = Expect.Works("Finding the importance of features", find);
        CollectionAssert.AreEquivalent(names, found.ToArray(), "Each feature must have an importance.");
    }

    // By the role that the columns say. The labels are any: what is found need not be right.
    private static Func<IEnumerable<string>>? FindImportances(Workout workout, MemoryView rows)
    {
        var ml = new MLContext(seed: 1);
        Dictionary<string, DataViewType> outputs = workout.Outputs().ToDictionary(column => column.Name, column => column.Type);
        switch (outputs.GetValueOrDefault(MulticlassColumns.PredictedLabel))
        {
            case KeyDataViewType key:
                string[] classes = [.. Enumerable.Range(1, (int)key.Count).Select(number => $"class {number}")];
                MemoryView keys = rows.With(MemoryColumn.Keys(Label, [.. Enumerable.Range(0, Rows).Select(row => (uint)(row % classes.Length) + 1)], classes));
                return () => ml.MulticlassClassification.PermutationFeatureImportance(workout.Model, keys, Label).Keys;
            case BooleanDataViewType:
                MemoryView flags = rows.With(MemoryColumn.Values(
                    Label, BooleanDataViewType.Instance, [.. Enumerable.Range(0, Rows).Select(row => row % 2 == 0)]));
                return () => ml.BinaryClassification.PermutationFeatureImportanceNonCalibrated(workout.Model, flags, Label).Keys;
        }

        if (outputs.GetValueOrDefault(MulticlassColumns.Score) is not NumberDataViewType)
            return null;
        MemoryView numbers = rows.With(MemoryColumn.Values(Label, NumberDataViewType.Single, [.. Enumerable.Range(0, Rows).Select(row => (float)row)]));
        return () => ml.Regression.PermutationFeatureImportance(workout.Model, numbers, Label).Keys;
    }
}
