using Microsoft.ML.Runtime;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Cactus;

/// <summary>Learns codes of rows from the rows alone, with or without a critic of interpolations.</summary>
/// <remarks>
/// Berthelot, Raffel, Roy and Goodfellow, "Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer", ICLR 2019, arXiv:1807.07543, equations 1 and 2.
/// The encoder is convolutions with stride 2, or a hidden layer for plain vectors, and a dense layer; the decoder has one hidden layer; the critic is built as the encoder is.
/// </remarks>
internal sealed class AutoencoderTraining : Module
{
    private const int HiddenUnits = 256;
    private const double CriticWeight = 0.5;  // λ
    private const double ImageShare = 0.2;  // γ
    private const double MostInterpolation = 0.5;

    private readonly LayeredModule encoder;
    private readonly LayeredModule decoder;
    private readonly LayeredModule? critic;
    private readonly LayeredFunction? _criticFunction;
    private readonly Random _random;

    /// <param name="encoder">The network from rows to codes.</param>
    /// <param name="hasCritic">Whether interpolations are criticized.</param>
    /// <param name="seed">Seed of what is interpolated.</param>
    public AutoencoderTraining(LayeredArchitecture encoder, bool hasCritic, int seed)
        : base(nameof(AutoencoderTraining))
    {
        _random = new Random(seed);
        this.encoder = new LayeredModule(encoder);
        decoder = new LayeredModule(new LayeredArchitecture { Input = new(encoder.OutputSize, 1, 1), Layers = [new Dense(HiddenUnits), new Rectifier(), new Dense(encoder.InputSize)] });
        if (hasCritic)
        {
            LayeredArchitecture judge = encoder with { Layers = [.. encoder.Layers[..^1], new Dense(1)] };
            critic = new LayeredModule(judge);
            _criticFunction = new LayeredFunction(judge);
        }

        RegisterComponents();
    }

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
    public static EmbeddingSpace Fit(IHostEnvironment environment, float[] features, ImageShape? image, int inputSize, CactusOptions options, int seed, Device device)
    {
        LayeredArchitecture architecture = Encoder(image, inputSize, options.EmbeddingSize);
        // Rows are learned around their mean, and in a unit in which their root mean square is 1. The first layer is linear, so that the unit can be put into its weights.
        double[] mean = Centring.MeanOf(features, inputSize);
        float[] centred = Centring.Subtract(features, mean);
        double scale = Math.Sqrt(centred.Average(value => (double)value * value));
        float unit = scale > 0 && double.IsFinite(scale) ? (float)scale : 1;
        var settings = new Settings { Epochs = options.EmbeddingEpochs, BatchSize = 64, LearningRate = 1e-3, LearningRateDecay = LearningRateDecay.None, Seed = seed };
        using var scaled = new MinibatchRows(inputSize, TargetKind.Inputs, 0, settings);
        for (int first = 0; first < centred.Length; first += inputSize)
            scaled.Add(Array.ConvertAll(centred[first..(first + inputSize)], value => value / unit));
        NetworkWeights weights = new MinibatchTraining(environment, settings).Run(
            scaled, null, device, [architecture], () => new AutoencoderTraining(architecture, options.Embedding == CactusEmbedding.Acai, seed),
            network => (rows, _) => network.Loss(rows), network => NetworkWeights.Of(architecture, network.encoder));
        Dictionary<string, float[]> values = architecture.Weights().ToDictionary(weight => weight.Name, weight => weights[weight.Name]);
        values["layers.0.weight"] = Array.ConvertAll(values["layers.0.weight"], value => value / unit);
        return new EmbeddingSpace(architecture, NetworkWeights.Of(architecture, values), mean);
    }

    /// <summary>The loss of both players in one number: each part moves one of them, the weights or the images of the other being constants in it.</summary>
    /// <param name="rows">(B, D), two at least.</param>
    public Tensor Loss(Tensor rows)
    {
        Tensor codes = encoder.forward(rows), painted = decoder.forward(codes);
        Tensor reconstruction = functional.mse_loss(painted, rows);
        if (critic is null)
            return reconstruction;
        long count = rows.shape[0];
        float[] drawn = [.. Enumerable.Range(0, (int)count).Select(_ => (float)(MostInterpolation * _random.NextDouble()))];
        Tensor shares = tensor(drawn).to(rows.device).view(-1, 1);  // α
        Tensor interpolated = decoder.forward(codes + (shares * (codes.flip(0) - codes)));
        Tensor[] weights = [.. _criticFunction!.WeightsOf(critic)], constants = [.. weights.Select(weight => weight.detach())];
        Tensor deceived = Judge(interpolated, constants).square().mean();
        Tensor judged = functional.mse_loss(Judge(interpolated.detach(), weights), shares);
        Tensor real = painted.detach() + (rows - painted.detach()).Times(ImageShare);
        return reconstruction + deceived.Times(CriticWeight) + judged + Judge(real, weights).square().mean();

        Tensor Judge(Tensor images, Tensor[] current) => _criticFunction.Forward(images, current, count);  // (B, D) -> (B, 1)
    }

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
