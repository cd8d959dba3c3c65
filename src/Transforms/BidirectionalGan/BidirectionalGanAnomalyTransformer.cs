using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Persistence;

[assembly: LoadableModel<BidirectionalGanAnomalyTransformer>("BidirectionalGanAnomaly")]

namespace MLNet.Papers;

/// <summary>Says how strange a row is: how far it is from what a generator makes of its code.</summary>
/// <remarks>
/// <para><b>Source.</b> Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017, arXiv:1605.09782.</para>
/// <para><b>Score.</b> The reconstruction error of <see cref="AutoencoderTransformer"/>.</para>
/// </remarks>
/// <inheritdoc/>
public sealed class BidirectionalGanAnomalyTransformer : ReconstructionAnomalyTransformer, ISavedTransformer<BidirectionalGanAnomalyTransformer>,
    IPredictionModel<BidirectionalGanAnomalyTransformer>
{
    private readonly State _state;

    internal BidirectionalGanAnomalyTransformer(IHostEnvironment environment, State state)
        : base(environment, state.FeatureColumnName, state.Model, state.Codes, state.Scores) => _state = state;

    private protected override IModelRecord SavedState => _state;

    private protected override AnomalyTransformer With(AnomalyScores scores) =>
        new BidirectionalGanAnomalyTransformer(Environment, _state with { Scores = scores });

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string FeatureColumnName, AutoencoderModel Model, AnomalyScores Scores) : IModelRecord
    {
        public VectorCodes Codes => new(Model.Decoder.InputSize);

        public string? FindFault() => Model.FindFault(Codes);
    }
}
