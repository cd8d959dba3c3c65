using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>Language models from files in the contract.</summary>
internal sealed class PretrainedElmoCase : IEstimatorCase<PretrainedElmoEstimator>
{
    private const int Rows = 20;

    public bool IsRandom => false;

    public bool Learns => false;

    public TechniqueOptions SmallestOptions() =>
        new ElmoOutputOptions { Pooling = Pooling.Max, MixWeights = [0.5f, -1, 2], TokenVectorsColumnName = "Vectors" };

    public TechniqueOptions EndlessOptions(Action started) => SmallestOptions();

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options)
    {
        using PublishedFiles files = PublishedFiles.Make(new());
        return ml.Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath, (ElmoOutputOptions?)options);
    }

    public IDataView Data(MLContext ml) => new MemoryView([ElmoSentences.Texts(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => ElmoCase.RejectedTexts(MemoryView.Of(Data(ml)));
}
