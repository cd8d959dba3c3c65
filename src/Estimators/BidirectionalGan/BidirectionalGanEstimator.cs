using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.BidirectionalGan;
using MLNet.Papers.Codes;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns a generator of rows, and with it an encoder that inverts it, from rows alone.</summary>
/// <remarks>
/// <para><b>Source.</b> Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017, arXiv:1605.09782; section 3,
/// and for the objectives section 4.1.</para>
/// <para><b>Input.</b> A vector of Single of known length, finite, which is an image in CHW order with <see cref="AutoencoderOptions.ImageShape"/>; or
/// pictures, which are resized and have values from 0 to 1. Slots that the annotation CategoricalSlotRanges says are one category, as OneHotEncoding and
/// Concatenate do, are invented as one.</para>
/// <para><b>Output.</b> See <see cref="BidirectionalGanTransformer"/>.</para>
/// <para><b>Network.</b> Linear layers with leaky rectifiers; encoder and discriminator see images through two convolutions. Numbers are
/// learned on a scale with mean 0 and deviation 1: one for all of an image, one for each slot of a vector.</para>
/// <para><b>Log.</b> After each epoch the losses of both players. The discriminator's near 0 while the other rises is usual late in training; the
/// reconstruction error, which rows to validate on measure, says more.</para>
/// <para><b>Cost.</b> Fit holds 4·D bytes a row, up to CacheMebibytes.</para>
/// <para><b>Randomness.</b> Initial weights, the order of rows and drawn codes, from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// <para><b>Fit.</b> Reads the rows once.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows, or all are the same; a number is not finite, or not from 0 to 1 with <see cref="Likelihood.Bernoulli"/>; a picture is missing;
/// the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class BidirectionalGanEstimator : AutoencoderEstimator<BidirectionalGanTransformer, BidirectionalGanOptions>
{
    private readonly string _outputColumnName;

    internal BidirectionalGanEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, BidirectionalGanOptions? options)
        : base(environment, Named(inputColumnName), options) => _outputColumnName = Named(outputColumnName);

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
    [
        .. VectorCodes.Promised(_outputColumnName),
        .. new AutoencoderColumns(_outputColumnName, Rows.Name, Options.WithReconstruction, Options.WithReconstructionError, false, []).Others(1),
    ];

    private protected override TechniqueEstimator<BidirectionalGanTransformer> With(BidirectionalGanOptions options) =>
        new BidirectionalGanEstimator(Environment, _outputColumnName, Rows.Name, options);

    private protected override BidirectionalGanTransformer Learn(AutoencoderRows rows, IChannel channel)
    {
        AutoencoderModel model = BidirectionalGanTraining.Run(Environment, Options, rows, channel);
        return new(Environment, new(((ICodeOutputs)Options).Columns(_outputColumnName, rows), Options.CodeDistribution, model));
    }
}
