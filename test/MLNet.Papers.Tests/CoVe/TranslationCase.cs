using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>Learning to translate in the contract: with a beam and input feeding, and without either.</summary>
internal sealed class TranslationCase(bool isGreedy) : IEstimatorCase<TranslationEstimator>
{
    private const int Rows = 24;

    public TranslationCase()
        : this(isGreedy: false)
    {
    }

    public string Variant => isGreedy ? "greedy, no input feeding" : "beam";

    public IEnumerable<IEstimatorCase> Variants => [new TranslationCase(isGreedy: false), new TranslationCase(isGreedy: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 4);

    public TechniqueOptions EndlessOptions(Action started)
    {
        TranslationOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.Translate("Translation", "Text", (TranslationOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView(TranslatedSentences.Columns(Rows, isGreedy));

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => CoVeCase.RejectedPairs(MemoryView.Of(Data(ml)));

    private TranslationOptions Options(int epochs) => new()
    {
        HiddenSize = 8,
        Layers = isGreedy ? 1 : 2,
        EmbeddingSize = 8,
        BatchSize = 4,
        MinTargetCount = 1,
        MinSourceCount = 1,
        Epochs = epochs,
        LearningRate = 3e-2,
        InputFeeding = !isGreedy,
        BeamWidth = isGreedy ? 1 : 3,
        LengthPenalty = isGreedy ? 0 : 0.5,
    };
}
