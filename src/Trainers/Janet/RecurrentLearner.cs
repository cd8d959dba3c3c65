using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Series;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Janet;

/// <summary>Trains recurrent layers over series, as the paper begins and regularizes them.</summary>
/// <param name="architecture">The network; its layers are recurrent.</param>
/// <param name="maxDependency">The longest dependency that the biases are made for; 0 for none.</param>
/// <param name="dropout">The part of what a layer says that is dropped.</param>
/// <param name="truncateSteps">Steps that gradients reach back; 0 for all.</param>
internal sealed class RecurrentLearner(SeriesArchitecture architecture, int maxDependency, double dropout, int truncateSteps) : SeriesLearner(architecture)
{
    private readonly Recurrent[] _layers = [.. architecture.Layers.Cast<Recurrent>()];

    public override int MaxDependency => maxDependency;

    /// <summary>What a training keeps of a step: what each layer gives, and what its gradient needs besides.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="inputs">I.</param>
    public static long ValuesOfAStep(IEnumerable<Layer> layers, int inputs) =>
        inputs + layers.Cast<Recurrent>().Sum(layer => (layer is Lstm ? 16L : 10) * layer.Units);

    public override WeightModule Create() => new(Architecture.AllWeights().Select(weight => weight with { First = First(weight) ?? weight.First }));

    public override IEnumerable<(Tensor Outputs, double Share)> Outputs(Tensor series, WeightOf<Tensor> weight, Noise? noise) =>
        [(Run(series, new RecurrentState?[_layers.Length], weight, new(dropout, noise)), 1)];

    public override IEnumerable<(Tensor Features, double Share)> Features(Tensor series, Tensor last, WeightOf<Tensor> weight, Noise? noise)
    {
        long steps = series.shape[0], window = truncateSteps > 0 ? Math.Min(truncateSteps, steps) : steps;
        var states = new RecurrentState?[_layers.Length];
        var noiseOfOutputs = new DropoutNoise(dropout, noise);
        Tensor? features = null;
        long shortest = window < steps ? last.min().item<long>() : 0;
        // The first window is the short one, so that the longest series has the gradients of a whole one.
        for (long first = 0, end = steps % window == 0 ? window : steps % window; first < steps; first = end, end += window)
        {
            // Where no series ends, states are carried alone.
            using IDisposable? without = end <= shortest ? no_grad() : null;
            Tensor outputs = Run(series.narrow(0, first, end - first), states, weight, noiseOfOutputs);
            using Scalar zero = 0, greatest = end - first - 1, start = first;
            Tensor own = SeriesArchitecture.AtLast(outputs, (last - start).clamp(zero, greatest));
            features = features is null ? own : where((last >= start).unsqueeze(1), own, features);
        }

        yield return (features!, 1);
    }

    // (T, B, P), and the states after it in the place of those before it; gradients do not reach back into these.
    private Tensor Run(Tensor series, RecurrentState?[] states, WeightOf<Tensor> weight, DropoutNoise dropped)
    {
        Tensor outputs = Architecture.Embed(series, weight).unsqueeze(0);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            RecurrentState before = states[layer] is { } state
                ? new(state.Hidden.detach(), state.Cell.detach())
                : _layers[layer].ZeroState(outputs);
            (Tensor given, states[layer]) = _layers[layer].Run(outputs, before, SeriesArchitecture.Own(weight, layer));
            outputs = dropped.Apply(given);
        }

        return outputs[0];
    }

    // The matrices of the inputs and of the state are drawn apart, each for both gates together (section 3); biases are made for the longest dependency.
    private Func<long[], Tensor>? First(LayerWeight weight) => weight.Name.Split('.') switch
    {
        ["layers", _, "input" or "recurrent"] => InitialValues.Glorot(weight.Shape[1], weight.Shape[2]),
        ["layers", var layer, "bias"] when maxDependency > 0 =>
            shape => ChronoInitialization.Bias(_layers[int.Parse(layer, System.Globalization.CultureInfo.InvariantCulture)], shape, maxDependency),
        _ => null,
    };
}

/// <summary>
/// Biases that make the cells remember for about as long as the longest dependency from the start: b_f = ln z with z uniform from 1 to T_max - 1, for a cell
/// keeps z / (z + 1) of what it holds with each step. The input gate of an LSTM begins with -b_f, and all other biases with 0.
/// </summary>
/// <remarks>Tallec and Ollivier, "Can recurrent neural networks warp time?", ICLR 2018, arXiv:1804.11188, section 2.</remarks>
internal static class ChronoInitialization
{
    /// <summary>The biases of a layer, (1, 1, gates).</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="maxDependency">T_max, at least 3.</param>
    public static Tensor Bias(Recurrent layer, long[] shape, int maxDependency)
    {
        Tensor bias = zeros(shape), forget = empty(shape[0], shape[1], layer.Units).uniform_(1, maxDependency - 1).log_();
        bias.narrow(2, layer is Lstm ? layer.Units : 0, layer.Units).copy_(forget);
        if (layer is Lstm)
            bias.narrow(2, 0, layer.Units).copy_(forget.neg());
        return bias;
    }
}
