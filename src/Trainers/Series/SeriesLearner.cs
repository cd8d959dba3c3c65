using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Series;

/// <summary>What a technique brings to the training of a network over series.</summary>
/// <param name="architecture">The network.</param>
internal abstract class SeriesLearner(SeriesArchitecture architecture)
{
    /// <summary>The network.</summary>
    public SeriesArchitecture Architecture { get; } = architecture;

    /// <summary>How many steps its cells are made to remember from the start; 0 where that is not said.</summary>
    public virtual int MaxDependency => 0;

    /// <summary>Makes what is trained, with first values.</summary>
    public virtual WeightModule Create() => new(Architecture.AllWeights());

    /// <summary>The weights of the network, as what is trained gives them for one pass.</summary>
    /// <param name="module">What is trained.</param>
    /// <param name="noise">What training draws from; null where it is validated and at the end.</param>
    public virtual WeightOf<Tensor> Weights(WeightModule module, Noise? noise) => module.Of;

    /// <summary>What the layers say of every step, with the weight of its loss; the first is what the network gives in use.</summary>
    /// <param name="series">(T, B, p).</param>
    /// <param name="weight">The weights.</param>
    /// <param name="noise">What training draws from; null where it is validated.</param>
    /// <returns>(T, B, P).</returns>
    public abstract IEnumerable<(Tensor Outputs, double Share)> Outputs(Tensor series, WeightOf<Tensor> weight, Noise? noise);

    /// <summary>The same of the last step of each series.</summary>
    /// <param name="series">(T, B, p).</param>
    /// <param name="last">The last steps, Int64 (B).</param>
    /// <param name="weight">The weights.</param>
    /// <param name="noise">What training draws from; null where it is validated.</param>
    /// <returns>(B, P).</returns>
    public virtual IEnumerable<(Tensor Features, double Share)> Features(Tensor series, Tensor last, WeightOf<Tensor> weight, Noise? noise) =>
        Outputs(series, weight, noise).Select(some => (SeriesArchitecture.AtLast(some.Outputs, last), some.Share));

    /// <summary>The trained weights.</summary>
    public NetworkWeights Result(WeightModule module)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        WeightOf<Tensor> weight = Weights(module, null);
        return NetworkWeights.Of(
            Architecture,
            Architecture.Weights().ToDictionary(known => known.Name, known => weight(known.Name).detach().cpu().contiguous().data<float>().ToArray()));
    }
}
