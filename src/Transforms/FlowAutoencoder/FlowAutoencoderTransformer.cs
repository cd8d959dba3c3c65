using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Codes;
using MLNet.Papers.FlowAutoencoder;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;

[assembly: LoadableModel<FlowAutoencoderTransformer>("FlowAutoencoder")]

namespace MLNet.Papers;

/// <summary>Turns rows into short vectors by a variational autoencoder with a flow, and back.</summary>
/// <remarks>
/// <para><b>Source.</b> Rezende and Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, arXiv:1505.05770.</para>
/// <para><b>Output.</b> The codes: a vector of Single, z_K, what the flow makes of the mean of the normal distribution that the encoder gives. On request
/// <c>(output).Bound</c>: a Single, a lower bound on the logarithm of how likely the row is, in nats, the mean over EvaluationSamples codes that are drawn;
/// higher is more normal. Numbers are counted on their scale with deviation 1. What is drawn comes from a seed that is saved, and is the same for all rows:
/// the bound of a row depends on the row alone.</para>
/// <para><b>Invention.</b> <see cref="AutoencoderTransformer.Generate"/> draws codes from N(0, I), or with PriorComponents from a mixture of normal
/// distributions that was fitted to the codes of the training rows. <see cref="AutoencoderTransformer.Interpolate"/> goes in a line from code to code.</para>
/// </remarks>
/// <inheritdoc/>
public sealed class FlowAutoencoderTransformer : AutoencoderTransformer, ISavedTransformer<FlowAutoencoderTransformer>
{
    private readonly State _state;

    internal FlowAutoencoderTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Columns, state.Model, new FlowCodes(state.Flow)) => _state = state;

    /// <summary>How much codes say of the rows that were learned from.</summary>
    public FlowAutoencoderHealth Health => _state.Flow.Health;

    private protected override IModelRecord SavedState => _state;

    internal State Parts => _state;

    private protected override AutoencoderDecoderTransformer.State DecoderState(string outputColumnName, string inputColumnName) =>
        new(outputColumnName, inputColumnName, _state.Model.Layout, _state.Model.Decoder, _state.Model.DecoderWeights);

    private protected override float[] Draw(int count, int seed) => (_state.Prior ?? GaussianMixture.Standard(_state.Flow.Size)).Draw(count, seed);

    private protected override EncodedScores CreateBounds(EmbeddingScorer decoder, int capacity) =>
        new FlowBounds(_state.Model, _state.Flow, decoder, capacity);

    private protected override OnnxValue BoundInOnnx(OnnxGraph graph, OnnxValue encoded, OnnxValue prepared) =>
        FlowBounds.ToOnnx(graph, _state.Model, _state.Flow, encoded, prepared);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State([Block] AutoencoderColumns Columns, AutoencoderModel Model, FlowModel Flow, GaussianMixture? Prior) : IModelRecord
    {
        public string? FindFault() => Model.FindFault(new FlowCodes(Flow)) ?? Columns.FindFault(Model.Layout)
            ?? (Prior is { } prior && prior.Size != Flow.Size
                ? FormattableString.Invariant($"Block 'mixture' has codes of {prior.Size} numbers, but block 'flow' of {Flow.Size}.")
                : null);
    }
}
