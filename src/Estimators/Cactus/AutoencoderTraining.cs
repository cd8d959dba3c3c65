using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Cactus;

/// <summary>Learns codes of rows from the rows alone, with or without a critic of interpolations.</summary>
/// <remarks>
/// Berthelot, Raffel, Roy and Goodfellow, "Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer", ICLR 2019,
/// arXiv:1807.07543, equations 1 and 2.
/// The encoder is convolutions with stride 2, or a hidden layer for plain vectors, and a dense layer; the decoder has one hidden layer; the critic is built as
/// the encoder is.
/// </remarks>
internal static class AutoencoderTraining
{
    /// <summary>The names of the networks: rows to codes, codes to rows, and rows to how much of another one is in them.</summary>
    public const string EncoderName = "encoder", DecoderName = "decoder", CriticName = "critic";

    private const int HiddenUnits = 256;

    /// <summary>Learns the codes.</summary>
    /// <param name="environment">The environment of the fit.</param>
    /// <param name="features">The rows, one after the other.</param>
    /// <param name="image">What they are; null for plain vectors.</param>
    /// <param name="inputSize">The length of a row.</param>
    /// <param name="options">Kind, length of the code, and epochs.</param>
    /// <param name="seed">Seed of everything random.</param>
    /// <param name="device">Where to train.</param>
    /// <exception cref="InvalidOperationException">A loss or a weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static EmbeddingSpace Fit(
        IHostEnvironment environment, float[] features, ImageShape? image, int inputSize, CactusOptions options, int seed, Device device)
    {
        LayeredArchitecture architecture = Encoder(image, inputSize, options.EmbeddingSize);
        // Rows are learned around their mean, and in a unit in which their root mean square is 1. The first layer is linear, so that the unit can be put into
        // its weights.
        (double[] mean, float[] centred) = Centring.Around(features, inputSize, Check);
        var polling = new Polling(Check);
        double scale = Math.Sqrt(centred.Average(Square));
        float unit = scale > 0 && double.IsFinite(scale) ? (float)scale : 1;
        var settings =
            new Settings { Epochs = options.EmbeddingEpochs, BatchSize = 64, LearningRate = 1e-3, LearningRateDecay = LearningRateDecay.None, Seed = seed };
        using var scaled = new TrainingRows(inputSize, null, settings, Check);
        for (int first = 0; first < centred.Length; first += inputSize)
            scaled.Add(Array.ConvertAll(centred[first..(first + inputSize)], value => value / unit));
        var rows = new RowBatches(scaled, [.. Enumerable.Range(0, scaled.Count)], device);
        LayeredArchitecture decoder = Decoder(architecture);
        LayeredArchitecture? critic = options.Embedding == CactusEmbedding.Acai ? Critic(architecture) : null;
        NetworkWeights weights = new MinibatchTraining(environment, settings, named: options).Run(
            rows, null, device, critic is null ? [architecture, decoder] : [architecture, decoder, critic],
            () => new JointModule(
                [
                    (EncoderName, architecture.Describe()),
                    (DecoderName, decoder.Describe()),
                    .. critic is null ? Array.Empty<(string, LayerChain)>() : [(CriticName, critic.Describe())],
                ]),
            network => critic is null
                ? new MinibatchLossTask(
                    settings, network,
                    (batch, _) => functional.mse_loss(network[DecoderName].forward(network[EncoderName].forward(batch.Inputs)), batch.Inputs), rows, null, seed)
                : new CriticizedTask(settings, network, rows, seed),
            network => NetworkWeights.Of(architecture, network[EncoderName]));
        Dictionary<string, float[]> values = architecture.Weights().ToDictionary(weight => weight.Name, weight => weights[weight.Name]);
        values["layers.0.weight"] = Array.ConvertAll(values["layers.0.weight"], value => value / unit);
        return new EmbeddingSpace(architecture, NetworkWeights.Of(architecture, values), mean);

        void Check() => Host.ThrowIfCanceled(environment);

        double Square(float value)
        {
            polling.Turn();
            return (double)value * value;
        }
    }

    private static LayeredArchitecture Decoder(LayeredArchitecture encoder) =>
        new() { Input = new(encoder.OutputSize, 1, 1), Layers = [new Dense(HiddenUnits), new Rectifier(), new Dense(encoder.InputSize)] };

    private static LayeredArchitecture Critic(LayeredArchitecture encoder) => encoder with { Layers = [.. encoder.Layers[..^1], new Dense(1)] };

    private static LayeredArchitecture Encoder(ImageShape? image, int inputSize, int codeSize)
    {
        if (image is not { } shape)
            return new() { Input = new(inputSize, 1, 1), Layers = [new Dense(HiddenUnits), new Rectifier(), new Dense(codeSize)] };
        const int SmallestSide = 4;
        List<Layer> layers = [];
        int filters = 16;
        do
        {
            layers.AddRange([new Convolution(filters, 3, Stride: 2), new Rectifier()]);
            filters *= 2;
            shape = new(1, (shape.Height + 1) / 2, (shape.Width + 1) / 2);
        }
        while (Math.Min(shape.Height, shape.Width) > SmallestSide && layers.Count < 12);
        return new() { Input = image.Value, Layers = [.. layers, new Dense(codeSize)] };
    }

    private sealed class Settings : MinibatchOptions
    {
    }
}

/// <summary>
/// Equations 1 and 2: the critic learns how much of the other image is in an interpolated one, the autoencoder to reconstruct and to make it say: nothing.
/// </summary>
internal sealed class CriticizedTask(MinibatchOptions options, JointModule network, BatchSource rows, int seed)
    : MinibatchTask(options, network, rows, seed)
{
    private const double CriticWeight = 0.5;  // λ
    private const double ImageShare = 0.2;  // γ
    private const double MostInterpolation = 0.5;

    private readonly Player _autoencoder = new(
        "autoencoder",
        network[AutoencoderTraining.EncoderName].named_parameters().Concat(network[AutoencoderTraining.DecoderName].named_parameters()),
        options.OptimizerSettings);
    private readonly Player _critic = new("critic", network[AutoencoderTraining.CriticName].named_parameters(), options.OptimizerSettings);

    public override IReadOnlyList<Player> Players => [_autoencoder, _critic];

    public override void Step(TrainingStep step)
    {
        LayeredModule encoder = network[AutoencoderTraining.EncoderName],
            decoder = network[AutoencoderTraining.DecoderName],
            critic = network[AutoencoderTraining.CriticName];
        Tensor rows = Draw(step).Batch.Inputs;  // (B, D), two at least
        Tensor codes = encoder.forward(rows), painted = decoder.forward(codes);
        Tensor shares = step.Noise.Uniform(rows.shape[0], 1).Times(MostInterpolation);  // α
        Tensor interpolated = decoder.forward(codes + (shares * (codes.flip(0) - codes)));
        Tensor judged = critic.forward(interpolated);  // (B, 1)
        Tensor given = painted.detach(), real = given + (rows - given).Times(ImageShare);

        step.Add(_autoencoder, functional.mse_loss(painted, rows) + judged.square().mean().Times(CriticWeight), keepsGraph: true);
        step.Add(_critic, functional.mse_loss(judged, shares) + critic.forward(real).square().mean());
        step.Move(_autoencoder);
        step.Move(_critic);
    }
}
