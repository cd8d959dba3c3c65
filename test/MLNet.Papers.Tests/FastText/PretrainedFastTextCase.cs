using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Existing models in the contract: word vectors over a text, a classifier's rows over a vector of texts.</summary>
internal sealed class PretrainedFastTextCase(bool isClassifier) : IEstimatorCase<PretrainedFastTextEstimator>
{
    private const int Rows = 20;

    public PretrainedFastTextCase()
        : this(isClassifier: false)
    {
    }

    public string Variant => isClassifier ? "vector of texts" : "text";

    public IEnumerable<IEstimatorCase> Variants => [new PretrainedFastTextCase(isClassifier: false), new PretrainedFastTextCase(isClassifier: true)];

    public bool IsRandom => false;

    public bool Learns => false;

    public TechniqueOptions SmallestOptions() => new NoOptions();

    public TechniqueOptions EndlessOptions(Action started) => new NoOptions();

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.ApplyFastText("Vector", "Text", isClassifier ? RandomModels.Quantized() : RandomModels.Vectors());

    public IDataView Data(MLContext ml) => new MemoryView(
    [
        isClassifier ? MemoryColumn.Vectors("Text", TextDataViewType.Instance, [.. Texts().Select(Words)]) : MemoryColumn.Texts("Text", Texts()),
    ]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        yield return new("Text", "missing", rows.Without("Text"));
        yield return new("Text", "a number", rows.With(MemoryColumn.Values("Text", NumberDataViewType.Single, new float[Rows])));
        yield return new("Text", "a vector of Single", rows.With(MemoryColumn.Vectors("Text", [.. Enumerable.Repeat(new float[2], Rows)])));
        yield return new("Text", "a key", rows.With(MemoryColumn.Keys("Text", [.. Enumerable.Repeat(1u, Rows)], "a")));
    }

    private static IEnumerable<string> Texts() =>
        Enumerable.Range(0, Rows).Select(row => row == 3 ? "" : $"{RandomModels.Words[row + 1]} and unseen{row} {RandomModels.Words[row + 5]}");

    private static VBuffer<ReadOnlyMemory<char>> Words(string text)
    {
        ReadOnlyMemory<char>[] words = [.. text.Split(' ').Select(word => word.AsMemory())];
        return new VBuffer<ReadOnlyMemory<char>>(words.Length, words);
    }
}
