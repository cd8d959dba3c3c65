using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>Translating with CoVe's own model in the contract.</summary>
internal sealed class PretrainedTranslationCase : IEstimatorCase<PretrainedTranslationEstimator>
{
    private const int Rows = 20;

    public bool IsRandom => false;

    public bool Learns => false;

    public TechniqueOptions SmallestOptions() => new TranslationOutputOptions { BeamWidth = 2, CopyUnknownWords = false };

    public TechniqueOptions EndlessOptions(Action started) => SmallestOptions();

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options)
    {
        var training = new MLContext(1);
        using var model = (CoVeTransformer)new CoVeCase().Create(training, new CoVeCase().SmallestOptions()).Fit(new CoVeCase().Data(training));
        return ml.Transforms.Text.ApplyTranslation("Translation", "Text", model, (TranslationOutputOptions?)options);
    }

    public IDataView Data(MLContext ml) => new MemoryView([TranslatedSentences.Columns(Rows)[0]]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) =>
        CoVeCase.RejectedPairs(MemoryView.Of(new CoVeCase().Data(ml))).Where(input => input.Column == "Text");
}
