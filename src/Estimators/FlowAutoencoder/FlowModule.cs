using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>Encoder, flow and decoder in training.</summary>
internal sealed class FlowModule : Module
{
    private const double HeadDeviation = 0.01;

    private readonly FlowOptions _options;
    private readonly RowLoss _loss;
    private readonly Flow _flow;
    private readonly Parameter? _shared;

    public FlowModule(FlowOptions options, RowLayout layout, int seed)
        : base(nameof(FlowModule))
    {
        (_options, _loss, _flow) = (options, new(layout), Flow.Of(options.Flow, options.CodeSize));
        LayeredArchitecture encoder = options.Encoder(layout.Input);
        Encoder = new LayeredModule(encoder);
        Decoder = new LayeredModule(options.Decoder(layout.Output));
        register_module("encoder", Encoder);
        register_module("decoder", Decoder);
        float[] parameters = Begin(StepRandom.Create(seed, -5_000_000));
        BeginHead(encoder, parameters);
        if (!options.SharedFlow || parameters.Length == 0)
            return;
        _shared = new Parameter(tensor(parameters, [1, parameters.Length]).clone());
        register_parameter("flow", _shared);
    }

    public LayeredModule Encoder { get; }

    public LayeredModule Decoder { get; }

    /// <summary>The parameters of a flow that is the same for all rows.</summary>
    public float[] Shared => _shared is null ? [] : [.. _shared.detach().cpu().contiguous().data<float>()];

    /// <summary>Computes codes of rows and what they say of them.</summary>
    /// <param name="rows">(B, D).</param>
    /// <param name="noise">From N(0, 1), (B, L).</param>
    public FlowPass Pass(Tensor rows, Tensor noise)
    {
        long size = _options.CodeSize;
        Tensor encoded = Encoder.forward(_loss.Inputs(rows)), mean = encoded.narrow(1, 0, size), logs = LogDeviations(encoded.narrow(1, size, size));
        Tensor parameters = _shared is { } shared ? shared : encoded.narrow(1, 2 * size, encoded.shape[1] - (2 * size));
        (Tensor codes, Tensor determinants) = _flow.Run(parameters, mean + (logs.exp() * noise));
        // ln q_K(z_K) = ln q_0(z_0) - Σ ln|det|, without ln(2π) L/2, which ln p(z_K) has too.
        Tensor entropy = (logs + noise.square().Times(0.5)).sum(1) + determinants;
        return new(mean, logs, codes, entropy, codes.square().sum(1).Times(-0.5), _loss.LogLikelihood(Decoder.forward(codes), rows, _options.Deviation));
    }

    private static Tensor LogDeviations(Tensor logs)
    {
        using Scalar least = FlowCodes.LeastLogDeviation, most = FlowCodes.MostLogDeviation;
        return logs.clamp(least, most);
    }

    // Each step leaves codes where they are.
    private float[] Begin(Random random)
    {
        float[] parameters = new float[_options.FlowLength * _flow.ParameterCount];
        for (int first = 0; first < parameters.Length; first += _flow.ParameterCount)
            _flow.Begin(random, parameters.AsSpan(first, _flow.ParameterCount));
        return parameters;
    }

    // Deviations near 1, and for every row nearly the same flow.
    private void BeginHead(LayeredArchitecture encoder, float[] parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int size = _options.CodeSize;
        string last = FormattableString.Invariant($"layers.{encoder.Layers.Length - 1}");
        Dictionary<string, Parameter> weights = Encoder.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        Parameter kernel = weights[$"{last}.weight"], bias = weights[$"{last}.bias"];
        kernel.narrow(0, size, kernel.shape[0] - size).normal_(0, HeadDeviation);
        if (!_options.SharedFlow && parameters.Length > 0)
            bias.narrow(0, 2 * size, parameters.Length).copy_(tensor(parameters));
    }
}

/// <summary>Rows, their codes, and what is said of both.</summary>
/// <param name="Means">Where the flow begins, (B, L).</param>
/// <param name="LogDeviations">Logarithms of the deviations there, (B, L).</param>
/// <param name="Codes">z_K, (B, L).</param>
/// <param name="Entropies">-ln q_K(z_K), (B), but for a constant.</param>
/// <param name="Priors">ln p(z_K), (B), but for the same.</param>
/// <param name="Likelihoods">ln p(x|z_K), (B).</param>
internal sealed record FlowPass(Tensor Means, Tensor LogDeviations, Tensor Codes, Tensor Entropies, Tensor Priors, Tensor Likelihoods)
{
    /// <summary>ln q_K(z_K) - ln p(z_K), (B).</summary>
    public Tensor Divergences => (Entropies + Priors).Times(-1);

    /// <summary>The loss: minus the bound of equation 15, with the annealing of equation 20.</summary>
    /// <param name="weight">What ln p(x, z) is multiplied by.</param>
    public Tensor Loss(double weight) => (Entropies + (Priors + Likelihoods).Times(weight)).mean().Times(-1);
}
