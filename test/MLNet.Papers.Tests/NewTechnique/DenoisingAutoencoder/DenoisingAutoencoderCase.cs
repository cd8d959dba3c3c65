using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoordConv;

namespace MLNet.Papers.Tests.NewTechnique.DenoisingAutoencoder;

/// <summary>
/// The denoising autoencoder in the contract. It is no <see cref="IEstimatorCase{TEstimator}"/>, so that it is not found among those of the package.
/// </summary>
internal sealed class DenoisingAutoencoderCase : IEstimatorCase
{
    private const int Rows = 20;
    private const int Size = 4;

    public Type EstimatorType => typeof(DenoisingAutoencoderEstimator);

    public TechniqueOptions SmallestOptions() => new DenoisingAutoencoderOptions { CodeSize = 3, Epochs = 2 };

    public TechniqueOptions EndlessOptions(Action started) => new DenoisingAutoencoderOptions
    {
        CodeSize = 3,
        Epochs = int.MaxValue,
        TimeLimit = TimeSpan.FromSeconds(30),
        Progress = new Started(started),
    };

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.FeaturizeWithDenoisingAutoencoder("Codes", "Features", (DenoisingAutoencoderOptions?)options);

    public IDataView Data(MLContext ml) => Examples(Size);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        yield return new("Features", "missing", Examples(Size).With(MemoryColumn.Texts("Other", Enumerable.Repeat("", Rows))).Without("Features"));
        yield return new("Features", "a text", new MemoryView([MemoryColumn.Texts("Features", Enumerable.Repeat("1", Rows))]));
        yield return new("Features", "longer than what was fitted", WorkoutData.Widen(Examples(Size + 1)), RejectedBy.Model);
    }

    private static MemoryView Examples(int size)
    {
        var random = new Random(11);
        float[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, size).Select(_ => random.NextSingle()).ToArray())];
        return new MemoryView([MemoryColumn.Vectors("Features", rows)]);
    }
}
