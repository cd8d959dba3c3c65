using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Labels;

/// <summary>Rows without a label are left out, which every technique that learns classes says in the same words.</summary>
[TestClass]
public sealed class MissingLabelTests
{
    // What they learn from without labels is another's distribution, or the weights of a generation before.
    private static readonly Type[] LearnWithoutLabels = [typeof(DistillationTrainer), typeof(BinaryDistillationTrainer), typeof(BornAgainNetworkTrainer)];

    public static IEnumerable<object[]> Learners =>
        from type in EstimatorCases.EstimatorTypes
        where !LearnWithoutLabels.Contains(type)
        let column = LabelOf(EstimatorCases.Of(type).Data(new MLContext(seed: 1)))
        where column is { Type: KeyDataViewType or TextDataViewType or VectorDataViewType { ItemType: KeyDataViewType or TextDataViewType } }
        select new object[] { type };

    [TestMethod, DynamicData(nameof(Learners))]
    public void Rows_without_a_label_are_left_out_with_a_warning(Type learner)
    {
        var ml = new MLContext(seed: 1);
        List<string> warnings = [];
        ml.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning)
                warnings.Add(message.RawMessage);
        };
        IEstimatorCase own = EstimatorCases.Of(learner).Variants.First();
        MemoryView rows = MemoryView.Of(own.Data(ml));
        (MemoryColumn without, string what) = WithoutTwo(rows);
        using var model = (IDisposable)own.Create(ml, own.SmallestOptions()).Fit(rows.With(without));
        CollectionAssert.Contains(warnings, $"Column '{without.Name}' is missing in 2 {what}, which are left out.", string.Join('\n', warnings));
    }

    [TestMethod]
    public void Classifiers_and_taggers_are_among_those_that_are_tried() => CollectionAssert.IsSubsetOf(
        new[] { typeof(BertClassifierTrainer), typeof(BertTaggerTrainer), typeof(ElmoTaggerTrainer), typeof(FastTextTrainer), typeof(MamlTrainer) },
        Learners.Select(learner => (Type)learner[0]).ToArray());

    private static DataViewSchema.Column? LabelOf(IDataView rows) => rows.Schema.GetColumnOrNull("Label") ?? rows.Schema.GetColumnOrNull("Tags");

    // Without two labels: of rows, or of the first tokens of rows.
    private static (MemoryColumn Column, string What) WithoutTwo(MemoryView rows)
    {
        DataViewSchema.Column label = LabelOf(rows)!.Value;
        return label.Type switch
        {
            KeyDataViewType => (MemoryColumn.Values(label.Name, label.Type, Without<uint>(), label.Annotations), "rows"),
            TextDataViewType => (MemoryColumn.Values(label.Name, label.Type, Without<ReadOnlyMemory<char>>()), "rows"),
            VectorDataViewType { ItemType: KeyDataViewType } =>
                (MemoryColumn.Values(label.Name, label.Type, WithoutFirst<uint>(), label.Annotations), "tokens"),
            _ => (MemoryColumn.Values(label.Name, label.Type, WithoutFirst<ReadOnlyMemory<char>>()), "tokens"),
        };

        T[] Without<T>()
        {
            T[] labels = [.. rows.GetColumn<T>(label.Name)];
            labels[2] = labels[5] = default!;
            return labels;
        }

        VBuffer<T>[] WithoutFirst<T>()
        {
            T[][] labels = [.. rows.GetColumn<T[]>(label.Name)];
            foreach (T[] values in labels.Where(values => values.Length > 0).Take(2))
                values[0] = default!;
            return Array.ConvertAll(labels, values => new VBuffer<T>(values.Length, values));
        }
    }
}
