using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Predicting hidden words in the contract.</summary>
internal sealed class MaskedWordCase : IEstimatorCase<MaskedWordEstimator>
{
    private const int Rows = 20;

    private static readonly Lazy<BertTransformer> Bert = new(() => new MLContext(seed: 1).Transforms.Text
        .FeaturizeTextWithBert("Features", "Text", BertCase.Smallest(epochs: 1)).Fit(new MemoryView([BertSentences.Texts(80)])));

    public bool IsRandom => false;

    public bool Learns => false;

    public TechniqueOptions SmallestOptions() => new MaskedWordOptions { Count = 3, Mark = "___" };

    public TechniqueOptions EndlessOptions(Action started) => SmallestOptions();

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.PredictMaskedWords("Words", "Text", Bert.Value, (MaskedWordOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView([Texts(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => ElmoCase.RejectedTexts(MemoryView.Of(Data(ml)));

    // Texts with none, one and two marks; some are longer than the model reads.
    private static MemoryColumn Texts(int rows) => MemoryColumn.Texts("Text", Enumerable.Range(0, rows).Select(row => (row % 4) switch
    {
        0 => BertSentences.Sentence(row).Replace("the", "___", StringComparison.Ordinal),
        1 => "a ___ bakes ___",
        2 => row == 2 ? "" : BertSentences.Sentence(row),
        _ => BertSentences.Sentence(row) + " " + BertSentences.Sentence(row + 1) + " ___",
    }));
}
