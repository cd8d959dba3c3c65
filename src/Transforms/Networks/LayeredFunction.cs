using MLNet.Papers.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>A network as a function of its weights: what <see cref="LayeredModule"/> computes, for weights that are themselves results, so that gradients flow
/// through the steps that made them.</summary>
internal sealed class LayeredFunction
{
    private readonly LayeredNetwork _network;
    private readonly LayerChain _chain;
    private readonly Dictionary<string, LayerWeight> _weights;
    private readonly Dictionary<string, int> _places;

    public LayeredFunction(LayeredNetwork network)
    {
        (_network, _chain) = (network, network.Describe());
        _weights = _chain.AllWeights().ToDictionary(weight => weight.Name);
        Names = [.. _weights.Values.Where(weight => weight.IsTrained).Select(weight => weight.Name)];
        _places = Names.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
    }

    /// <summary>The names of the weights, in the order in which they are given.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The weights of a module of this network, in order.</summary>
    public Tensor[] WeightsOf(Module module)
    {
        Dictionary<string, TorchSharp.Modules.Parameter> parameters = module.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        return [.. Names.Select(name => (Tensor)parameters[name])];
    }

    /// <summary>Computes the network.</summary>
    /// <param name="rows">The input, (B, D).</param>
    /// <param name="weights">The weights, in the order of <see cref="Names"/>.</param>
    /// <param name="statisticsRows">How many of the first rows batch normalization takes its statistics over.</param>
    /// <param name="noise">What dropout draws from.</param>
    /// <param name="statistics">Receives mean and variance of each batch normalization; null if they are not wanted.</param>
    /// <returns>The output, (B, M).</returns>
    public Tensor Forward(
        Tensor rows,
        IReadOnlyList<Tensor> weights,
        long statisticsRows,
        Noise? noise = null,
        List<(Tensor Mean, Tensor Variance)>? statistics = null) => _chain.Forward(
        rows,
        name => _places.TryGetValue(name, out int place) ? weights[place] : _weights[name].Of(_weights[name].Constant!()).to(rows.device),
        new(true, statisticsRows, statistics, Noise: noise));

    /// <summary>The same weights with the statistics of some rows in place of the running averages, for a network that scores.</summary>
    /// <param name="rows">The rows, (B, D).</param>
    /// <param name="weights">The weights, in the order of <see cref="Names"/>.</param>
    public NetworkWeights Finish(Tensor rows, IReadOnlyList<Tensor> weights)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        List<(Tensor Mean, Tensor Variance)> statistics = [];
        Forward(rows, weights, rows.shape[0], statistics: statistics);
        Dictionary<string, float[]> values = [];
        Put(Names, weights);
        Put(Of(WeightUse.Mean), statistics.Select(found => found.Mean));
        Put(Of(WeightUse.Variance), statistics.Select(found => found.Variance));
        return NetworkWeights.Of(_network, values);

        IEnumerable<string> Of(WeightUse use) => _weights.Values.Where(weight => weight.Use == use).Select(weight => weight.Name);

        void Put(IEnumerable<string> names, IEnumerable<Tensor> tensors)
        {
            foreach ((string name, Tensor tensor) in names.Zip(tensors))
                values[name] = tensor.detach().cpu().contiguous().data<float>().ToArray();
        }
    }
}
