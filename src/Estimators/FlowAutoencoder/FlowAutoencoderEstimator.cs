using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.FlowAutoencoder;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to write rows as short vectors by a variational autoencoder with a flow, to read them back, and to invent others.</summary>
/// <remarks>
/// <para><b>Source.</b> Rezende and Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, arXiv:1505.05770; equations 10 to 15 and 20,
/// appendix A. Without a flow it is the variational autoencoder of Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014, arXiv:1312.6114.</para>
/// <para><b>Input.</b> A vector of Single of known length, finite, which is an image in CHW order with <see cref="AutoencoderOptions.ImageShape"/>; or
/// pictures, which are resized and have values from 0 to 1. Slots that the annotation CategoricalSlotRanges says are one category, as OneHotEncoding and
/// Concatenate do, are learned as one.</para>
/// <para><b>Output.</b> See <see cref="FlowAutoencoderTransformer"/>.</para>
/// <para><b>Network.</b> Images: convolutions with strides and a linear layer, and transposed convolutions on the way back. Vectors: linear layers with
/// rectifiers. Numbers are learned on a scale with mean 0 and deviation 1: one for all of an image, one for each slot of a vector.</para>
/// <para><b>Loss.</b> Minus the bound of a row in nats, from one code that is drawn.</para>
/// <para><b>Health.</b> The log says after each epoch how much codes carry, and warns in the end of a collapsed posterior;
/// <see cref="FlowAutoencoderTransformer.Health"/> says it of the model.</para>
/// <para><b>Cost.</b> Fit reads the rows once and holds 4·D bytes a row, up to CacheMebibytes.</para>
/// <para><b>Randomness.</b> First weights, the order of rows and the codes that are drawn, from Seed.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows, or all are the same; a number is not finite, or not from 0 to 1 with <see cref="Likelihood.Bernoulli"/>; a picture is missing;
/// the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class FlowAutoencoderEstimator : AutoencoderEstimator<FlowAutoencoderTransformer, FlowAutoencoderOptions>
{
    private readonly string _outputColumnName;

    internal FlowAutoencoderEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, FlowAutoencoderOptions? options)
        : base(environment, Named(inputColumnName), options) => _outputColumnName = Named(outputColumnName);

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
    [
        .. VectorCodes.Promised(_outputColumnName),
        .. new AutoencoderColumns(
            _outputColumnName, Rows.Name, Options.WithReconstruction, Options.WithReconstructionError, false, [],
            WithBound: Options.WithBound).Others(1),
    ];

    private protected override TechniqueEstimator<FlowAutoencoderTransformer> With(FlowAutoencoderOptions options) =>
        new FlowAutoencoderEstimator(Environment, _outputColumnName, Rows.Name, options);

    private protected override FlowAutoencoderTransformer Learn(AutoencoderRows rows, IChannel channel)
    {
        var training = new FlowTraining(Environment, Options, rows, channel);
        (AutoencoderModel model, FlowModel flow) = training.Run();
        AutoencoderColumns columns = ((ICodeOutputs)Options).Columns(_outputColumnName, rows) with { WithBound = Options.WithBound };
        return new(Environment, new(columns, model, flow, training.Prior(model, flow, Options.PriorComponents)));
    }
}
