using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Published encoders in the contract.</summary>
internal sealed class PretrainedBertCase : IEstimatorCase<PretrainedBertEstimator>
{
    private const int Rows = 20;

    public bool IsRandom => false;

    public bool Learns => false;

    public TechniqueOptions SmallestOptions() => new BertOutputOptions { Pooling = Pooling.Max, TokenVectorsColumnName = "Vectors" };

    public TechniqueOptions EndlessOptions(Action started) => SmallestOptions();

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options)
    {
        using var small = new SmallBert(hidden: 8, heads: 2, layers: 1, inner: 12, positions: 16, maxLength: 12);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        return ml.Transforms.Text.ApplyBert("Features", "Text", files.ModelPath, files.VocabularyPath, (BertOutputOptions?)options);
    }

    public IDataView Data(MLContext ml) => new MemoryView([ElmoSentences.Texts(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => ElmoCase.RejectedTexts(MemoryView.Of(Data(ml)));
}
