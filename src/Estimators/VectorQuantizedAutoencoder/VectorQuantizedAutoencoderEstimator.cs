using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.Scoring;
using MLNet.Papers.VectorQuantizedAutoencoder;

namespace MLNet.Papers;

/// <summary>Learns to write rows as grids of a few codes from a learned codebook, to read them back, and to invent others.</summary>
/// <remarks>
/// <para><b>Source.</b> Van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017, arXiv:1711.00937; equations 1 to 3,
/// appendix A.1. New codes are drawn from a network of causal convolutions, which is smaller than the paper's PixelCNN.</para>
/// <para><b>Input.</b> A vector of Single of known length, finite, which is an image in CHW order with <see cref="AutoencoderOptions.ImageShape"/>; or
/// pictures, which are resized and have values from 0 to 1. Slots that the annotation CategoricalSlotRanges says are one category, as OneHotEncoding and
/// Concatenate do, are learned as one.</para>
/// <para><b>Output.</b> See <see cref="VectorQuantizedAutoencoderTransformer"/>.</para>
/// <para><b>Network.</b> Images: convolutions with strides, residual blocks, and transposed convolutions on the way back. Vectors: linear layers with
/// rectifiers. Numbers are learned on a scale with mean 0 and deviation 1: one for all of an image, one for each slot of a vector.</para>
/// <para><b>Health.</b> The log says after each epoch how much of the codebook was used, and warns in the end of one that has collapsed;
/// <see cref="VectorQuantizedAutoencoderTransformer.Health"/> says it of the model.</para>
/// <para><b>Cost.</b> Fit holds 4·D bytes a row and 4 bytes for each code of one, up to CacheMebibytes.</para>
/// <para><b>Randomness.</b> Initial weights and codebook, the order of rows, and codes that begin anew, from Seed. The same seed, data and number of threads
/// give the same weights on a CPU.</para>
/// <para><b>Fit.</b> Reads the rows once.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows, or all are the same; a number is not finite, or not from 0 to 1 with <see cref="Likelihood.Bernoulli"/>; a picture is missing;
/// the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class VectorQuantizedAutoencoderEstimator : AutoencoderEstimator<VectorQuantizedAutoencoderTransformer, VectorQuantizedAutoencoderOptions>
{
    private readonly string _outputColumnName;

    internal VectorQuantizedAutoencoderEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, VectorQuantizedAutoencoderOptions? options)
        : base(environment, Named(inputColumnName), options) => _outputColumnName = Named(outputColumnName);

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
    [
        .. KeyCodes.Promised(_outputColumnName, Options.CodebookSize, Options.WithQuantized),
        .. new AutoencoderColumns(_outputColumnName, Rows.Name, Options.WithReconstruction, Options.WithReconstructionError, false, []).Others(1),
    ];

    private protected override TechniqueEstimator<VectorQuantizedAutoencoderTransformer> With(VectorQuantizedAutoencoderOptions options) =>
        new VectorQuantizedAutoencoderEstimator(Environment, _outputColumnName, Rows.Name, options);

    private protected override VectorQuantizedAutoencoderTransformer Learn(AutoencoderRows rows, IChannel channel)
    {
        (AutoencoderModel model, Codebook codebook, CodePrior? prior) =
            new VectorQuantizedTraining(Environment, Options, rows, channel).Run(Options.PriorEpochs, Options.PriorChannels);
        return new(Environment, new(((ICodeOutputs)Options).Columns(_outputColumnName, rows), Options.WithQuantized, model, codebook, prior));
    }
}
