using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>
/// A <see cref="LayeredArchitecture"/> as a function of its weights: what <see cref="LayeredModule"/> computes, for weights that are themselves results, so that gradients flow
/// through the steps that made them.
/// </summary>
/// <remarks>
/// Batch normalization takes its statistics over the first rows of what it is given, and no running averages: so the support of a task normalizes its queries too, as MetaBN does in
/// Bronskill et al., "TaskNorm: Rethinking Batch Normalization for Meta-Learning", ICML 2020, and an answer does not depend on the other queries.
/// </remarks>
internal sealed class LayeredFunction
{
    private readonly LayeredArchitecture _architecture;

    /// <param name="architecture">The network: convolutions without coordinates, deconvolutions, dense layers, batch normalization, and layers without weights.</param>
    public LayeredFunction(LayeredArchitecture architecture)
    {
        if (architecture.Layers.Any(layer => layer.Coordinates || layer is { Kind: LayerKind.Normalization, Normalization: not (Normalization.Batch or Normalization.None) }))
            throw new ArgumentException("Coordinates and other normalizations than that of batches are not supported.", nameof(architecture));
        _architecture = architecture;
        Names = [.. architecture.Weights().Select(weight => weight.Name).Where(name => !name.Contains(".running_", StringComparison.Ordinal))];
    }

    /// <summary>The names of the weights, in the order in which they are given.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The weights of a module of this architecture, in order.</summary>
    public Tensor[] WeightsOf(Module module)
    {
        Dictionary<string, TorchSharp.Modules.Parameter> parameters = module.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        return [.. Names.Select(name => (Tensor)parameters[name])];
    }

    /// <summary>Computes the network.</summary>
    /// <param name="rows">The input, (B, D).</param>
    /// <param name="weights">The weights, in the order of <see cref="Names"/>.</param>
    /// <param name="statisticsRows">How many of the first rows batch normalization takes its statistics over.</param>
    /// <param name="statistics">Receives mean and variance of each batch normalization; null if they are not wanted.</param>
    /// <returns>The output, (B, M).</returns>
    public Tensor Forward(Tensor rows, IReadOnlyList<Tensor> weights, long statisticsRows, List<(Tensor Mean, Tensor Variance)>? statistics = null)
    {
        (int channels, int height, int width) = _architecture.Input;
        Tensor activations = ChannelsLast.Of(rows.view(-1, channels, height, width));
        int next = 0;
        foreach (Layer layer in _architecture.Layers)
        {
            int k = layer.KernelSize, stride = layer.Stride;
            switch (layer.Kind)
            {
                case LayerKind.Convolution:
                    activations = functional.conv2d(activations, weights[next++], weights[next++], [stride, stride], [k / 2, k / 2]);
                    break;
                case LayerKind.Deconvolution:
                    long padding = (k - stride + 1) / 2, extra = (2 * padding) - (k - stride);
                    activations = functional.conv_transpose2d(activations, weights[next++], weights[next++], [stride, stride], [padding, padding], [extra, extra]);
                    break;
                case LayerKind.Dense:
                    activations = functional.linear(activations.flatten(1), weights[next++], weights[next++]).unsqueeze(-1).unsqueeze(-1);
                    break;
                case LayerKind.Normalization when layer.Normalization == Normalization.Batch:
                    activations = Normalize(activations, weights[next++], weights[next++], statisticsRows, statistics);
                    break;
                default:
                    activations = Apply(layer, activations);
                    break;
            }
        }

        return activations.flatten(1);
    }

    /// <summary>The same weights with the statistics of some rows in place of the running averages, for a network that scores.</summary>
    /// <param name="rows">The rows, (B, D).</param>
    /// <param name="weights">The weights, in the order of <see cref="Names"/>.</param>
    public NetworkWeights Finish(Tensor rows, IReadOnlyList<Tensor> weights)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        List<(Tensor Mean, Tensor Variance)> statistics = [];
        Forward(rows, weights, rows.shape[0], statistics);
        Dictionary<string, float[]> values = [];
        for (int i = 0; i < Names.Count; i++)
            values[Names[i]] = Values(weights[i]);
        string[] means = [.. _architecture.Weights().Select(weight => weight.Name).Where(name => name.EndsWith(".running_mean", StringComparison.Ordinal))];
        foreach ((string name, (Tensor mean, Tensor variance)) in means.Zip(statistics))
        {
            values[name] = Values(mean);
            values[name.Replace("running_mean", "running_var", StringComparison.Ordinal)] = Values(variance);
        }

        return NetworkWeights.Of(_architecture, values);

        static float[] Values(Tensor tensor) => tensor.detach().cpu().contiguous().data<float>().ToArray();
    }

    private static Tensor Normalize(Tensor activations, Tensor weight, Tensor bias, long statisticsRows, List<(Tensor Mean, Tensor Variance)>? statistics)
    {
        if (statisticsRows == activations.shape[0] && statistics is null)
        {
            // The same in one pass; torch keeps running averages, which nobody asks for.
            using Tensor runningMean = zeros_like(bias, requires_grad: false), runningVariance = ones_like(bias, requires_grad: false);
            return functional.batch_norm(activations, runningMean, runningVariance, weight, bias, training: true, eps: ChannelNormalization.Epsilon);
        }

        Tensor seen = statisticsRows == activations.shape[0] ? activations : activations.narrow(0, 0, statisticsRows);
        Tensor mean = seen.mean([0L, 2L, 3L]);
        Tensor centred = seen - mean.view(1, -1, 1, 1);
        Tensor variance = centred.square().mean([0L, 2L, 3L]);  // biased, as batch normalization has it
        statistics?.Add((mean, variance));
        using Tensor epsilon = full_like(variance, ChannelNormalization.Epsilon, requires_grad: false);
        Tensor scale = weight * (variance + epsilon).rsqrt();
        return (activations * scale.view(1, -1, 1, 1)) + (bias - (mean * scale)).view(1, -1, 1, 1);
    }

    private static Tensor Apply(Layer layer, Tensor input) => layer.Kind switch
    {
        LayerKind.Rectifier => input.relu(),
        LayerKind.Maximum => functional.max_pool2d(input, 2),
        LayerKind.Tile => input.expand(-1, -1, layer.Height, layer.Width),
        LayerKind.GlobalMean => input.mean([2L, 3L], keepdim: true),
        LayerKind.GlobalMaximum => input.amax([2L, 3L], keepdim: true),
        LayerKind.Softmax => functional.softmax(input.flatten(1), 1).view(input.shape),
        _ => input,
    };
}
