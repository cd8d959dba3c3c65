using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Persistence;

[assembly: LoadableModel<VectorQuantizedAutoencoderAnomalyTransformer>("VectorQuantizedAutoencoderAnomaly")]

namespace MLNet.Papers;

/// <summary>Says how strange a row is: how little of it the codes of a learned codebook can say.</summary>
/// <remarks>
/// <para><b>Source.</b> Van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017, arXiv:1711.00937.</para>
/// <para><b>Score.</b> The reconstruction error of <see cref="AutoencoderTransformer"/>.</para>
/// </remarks>
/// <inheritdoc/>
public sealed class VectorQuantizedAutoencoderAnomalyTransformer : ReconstructionAnomalyTransformer,
    ISavedTransformer<VectorQuantizedAutoencoderAnomalyTransformer>, IPredictionModel<VectorQuantizedAutoencoderAnomalyTransformer>
{
    private readonly State _state;

    internal VectorQuantizedAutoencoderAnomalyTransformer(IHostEnvironment environment, State state)
        : base(environment, state.FeatureColumnName, state.Model, new KeyCodes(state.Codebook, withVectors: false), state.Scores) => _state = state;

    /// <summary>How much of the codebook the rows use that were learned from.</summary>
    public CodebookHealth Health => _state.Codebook.Health;

    private protected override IModelRecord SavedState => _state;

    private protected override AnomalyTransformer With(AnomalyScores scores) =>
        new VectorQuantizedAutoencoderAnomalyTransformer(Environment, _state with { Scores = scores });

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string FeatureColumnName, AutoencoderModel Model, Codebook Codebook, AnomalyScores Scores) : IModelRecord
    {
        public string? FindFault() => Model.FindFault(new KeyCodes(Codebook, withVectors: false));
    }
}
