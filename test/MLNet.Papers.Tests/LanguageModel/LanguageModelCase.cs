using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.LanguageModel;

/// <summary>The trainer in the contract, with each kind of network and of rows.</summary>
internal sealed class LanguageModelCase(TokenRowsKind kind) : IEstimatorCase<LanguageModelTrainer>
{
    public LanguageModelCase()
        : this(TokenRowsKind.Characters)
    {
    }

    public string Variant => $"{kind}";

    public IEnumerable<IEstimatorCase> Variants => Enum.GetValues<TokenRowsKind>().Select(each => new LanguageModelCase(each));

    public TechniqueOptions SmallestOptions() => TokenRowsExamples.Options(kind, epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        LanguageModelOptions options = TokenRowsExamples.Options(kind, epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Generation.Trainers.LanguageModel("Text", (LanguageModelOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView([TokenRowsExamples.Column(kind)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => TokenRowsExamples.Rejected(MemoryView.Of(Data(ml)));
}
