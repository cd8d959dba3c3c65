using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Keys that their type does not have, in the labels of every estimator that learns from keys.</summary>
[TestClass]
public sealed class KeyTests
{
    public static IEnumerable<object[]> Estimators => EstimatorCases.Subjects()
        .Where(subject => KeyColumns(EstimatorCases.Of(subject.Estimator, subject.Variant)).Any())
        .Select(subject => new object[] { subject.Estimator, subject.Variant });

    [TestMethod, DynamicData(nameof(Estimators))]
    public void A_key_outside_its_type_is_refused_by_name(Type estimator, string variant)
    {
        using var workout = new Workout(EstimatorCases.Of(estimator, variant));
        foreach (DataViewSchema.Column column in KeyColumns(workout.Case))
        {
            var type = (KeyDataViewType)(column.Type is VectorDataViewType vector ? vector.ItemType : column.Type);
            foreach (ulong key in new[] { type.Count + 1, uint.MaxValue })
            {
                MemoryView data = workout.Data.WithNumber(column.Name, row: 5, key);
                Exception error = Expect.Throws(
                    $"Fit with the key {key}", () => workout.Create(Workout.NewContext()).Fit(data), typeof(InvalidOperationException));
                Assert.Contains(
                    $"Column '{column.Name}' must have keys from 1 to {type.Count}, or 0 where there is none, but has {key} in row ", error.Message);
            }
        }
    }

    private static IEnumerable<DataViewSchema.Column> KeyColumns(IEstimatorCase single) => single.Data(Workout.NewContext()).Schema
        .Where(
            column => column.Type.RawType == typeof(uint) && column.Type is KeyDataViewType
                || column.Type is VectorDataViewType { ItemType: KeyDataViewType { Count: > 0 } });
}
