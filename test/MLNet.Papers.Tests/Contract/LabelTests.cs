using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Labels of any kind, at every multiclass classifier: ML.NET's evaluator compares them with the right classes.</summary>
[TestClass]
public sealed class LabelTests
{
    public static IEnumerable<object[]> Classifiers => EstimatorCases.Subjects()
        .Where(subject => LabelColumn(MemoryView.Of(EstimatorCases.Of(subject.Estimator, subject.Variant).Data(Workout.NewContext()))) is not null)
        .Select(subject => new object[] { subject.Estimator, subject.Variant });

    [TestMethod, DynamicData(nameof(Classifiers))]
    public void Keys_in_another_order_are_the_same_classes(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        MemoryColumn label = LabelColumn(workout.Data)!;
        (string[] names, uint[] keys) = Read(workout.Data);
        string[] reversed = [.. names.Reverse()];
        MemoryView data = workout.Data.With(MemoryColumn.Keys(label.Name, [.. keys.Select(key => key == 0 ? 0 : (uint)(names.Length + 1 - key))], reversed));
        foreach ((string name, ITransformer model) in workout.Models())
        {
            AssertMetrics(model.Transform(data), names, keys, name);
            RowClasses.ScoreRowByRow(model, data);
        }
    }

    [TestMethod, DynamicData(nameof(Classifiers))]
    public void Texts_are_evaluated(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        MemoryColumn label = LabelColumn(workout.Data)!;
        (string[] names, uint[] keys) = Read(workout.Data);
        MemoryView data = workout.Data.With(MemoryColumn.Texts(label.Name, keys.Select(key => key == 0 ? "" : names[key - 1])));
        ITransformer model = workout.Fit(data);
        using var owned = model as IDisposable;
        AssertMetrics(model.Transform(data), names, keys, "texts");
        AssertMetrics(ModelFile.Load(workout.Save(model)).Transform(data), names, keys, "texts, after loading");
    }

    // What ML.NET says must be what the names of the predicted classes say.
    private static void AssertMetrics(IDataView scored, string[] names, uint[] keys, string what)
    {
        MulticlassClassificationMetrics metrics = Workout.NewContext().MulticlassClassification.Evaluate(scored);
        ClassLabels classes = ClassLabels.Of(scored.Schema["PredictedLabel"]);
        uint[] predicted = [.. scored.GetColumn<uint>("PredictedLabel")];
        int[] labelled = [.. Enumerable.Range(0, keys.Length).Where(row => keys[row] != 0)];
        double accuracy = labelled.Average(row => predicted[row] != 0 && classes.Names[(int)predicted[row] - 1] == names[keys[row] - 1] ? 1.0 : 0);
        Assert.AreEqual(accuracy, metrics.MicroAccuracy, 1e-9, what);
        for (int index = 0; index < names.Length; index++)
        {
            double count = labelled.Count(row => keys[row] == index + 1);
            Assert.AreEqual(count, metrics.ConfusionMatrix.Counts[classes.Find(names[index])].Sum(), 1e-9, $"{what}: rows of {names[index]}");
        }
    }

    private static MemoryColumn? LabelColumn(MemoryView rows) =>
        rows.Columns.SingleOrDefault(column => column is { Name: "Label", Type: KeyDataViewType { RawType: var raw } } && raw == typeof(uint));

    private static (string[] Names, uint[] Keys) Read(MemoryView rows) =>
        ([.. ClassLabels.Of(rows.Schema["Label"]).Names], [.. rows.GetColumn<uint>("Label")]);
}
