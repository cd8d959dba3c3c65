using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.NewTechnique.DenoisingAutoencoder;

/// <summary>Learns codes of rows from which the rows can be restored, although some of their values were missing.</summary>
/// <remarks>Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing Robust Features with Denoising Autoencoders", ICML 2008, section 2.3.</remarks>
internal sealed class DenoisingAutoencoderEstimator : TechniqueEstimator<DenoisingAutoencoderTransformer, DenoisingAutoencoderOptions>
{
    private readonly string _outputColumnName;
    private readonly FeatureColumn _rows;

    internal DenoisingAutoencoderEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, DenoisingAutoencoderOptions? options)
        : base(environment, options) => (_outputColumnName, _rows) = (Named(outputColumnName), new(Named(inputColumnName), Options.ImageShape));

    private protected override IEnumerable<InputColumn> Inputs => [_rows];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [OutputColumn.Vector(_outputColumnName)];

    private protected override DenoisingAutoencoderTransformer Fit(IDataView input, IChannel channel)
    {
        int inputs = _rows.SizeOf(input.Schema[_rows.Name]);
        LayeredArchitecture encoder = Options.Encoder(inputs).RequireScorable(nameof(DenoisingAutoencoderOptions)), decoder = Options.Decoder(inputs);
        using TrainingRows rows = Read(input, encoder);
        using TrainingRows? validation = Validation is null ? null : Read(Validation, encoder);
        NetworkWeights weights = new MinibatchTraining(Environment, Options).Run(
            rows,
            validation,
            TorchDevice.Of(Environment),
            [encoder, decoder],
            () => new JointModule(("encoder", encoder.Describe()), ("decoder", decoder.Describe())),
            network =>
                (batch, noise) => nn.functional.mse_loss(network["decoder"].forward(network["encoder"].forward(Corrupted(batch.Inputs, noise))), batch.Inputs),
            network => NetworkWeights.Of(encoder, network["encoder"]));
        return new DenoisingAutoencoderTransformer(Environment, new(_outputColumnName, _rows.Name, encoder, weights));
    }

    private Tensor Corrupted(Tensor rows, Noise? noise) => noise is null ? rows : rows * noise.Bernoulli(rows, 1 - Options.Corruption);

    private TrainingRows Read(IDataView data, LayeredArchitecture encoder) =>
        TargetRows.Read(data, new ImageColumn(_rows.Name, encoder.Input), targetColumn: null, Options, Environment);
}
