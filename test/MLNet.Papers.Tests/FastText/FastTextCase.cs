using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Learning word vectors in the contract: skip-gram over a text, continuous bags of words over a vector of texts.</summary>
internal sealed class FastTextCase(FastTextArchitecture architecture) : IEstimatorCase<FastTextEstimator>
{
    private const int Rows = 30;

    public FastTextCase()
        : this(FastTextArchitecture.SkipGram)
    {
    }

    public string Variant => architecture.ToString();

    public IEnumerable<IEstimatorCase> Variants => [new FastTextCase(FastTextArchitecture.SkipGram), new FastTextCase(FastTextArchitecture.Cbow)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 3);

    public TechniqueOptions EndlessOptions(Action started)
    {
        FastTextOptions options = Options(epochs: int.MaxValue);
        options.Progress = new ProgressList(progress =>
        {
            started();
            if (progress.Elapsed.TotalSeconds > 30)
                throw new TimeoutException("There is no time limit that would end this.");
        });
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", (FastTextOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView([architecture == FastTextArchitecture.Cbow ? SmallCorpus.Tokens(Rows) : SmallCorpus.Texts(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        yield return new("Text", "missing", rows.Without("Text"));
        yield return new("Text", "a number", rows.With(MemoryColumn.Values("Text", NumberDataViewType.Single, new float[Rows])));
        yield return new("Text", "a key", rows.With(MemoryColumn.Keys("Text", [.. Enumerable.Repeat(1u, Rows)], "a")));
    }

    private FastTextOptions Options(int epochs) => new()
    {
        Architecture = architecture,
        Loss = architecture == FastTextArchitecture.Cbow ? FastTextLoss.HierarchicalSoftmax : FastTextLoss.NegativeSampling,
        Dimension = 6,
        Buckets = 50,
        MinCount = 1,
        SamplingThreshold = 1,
        Epochs = epochs,
    };
}
