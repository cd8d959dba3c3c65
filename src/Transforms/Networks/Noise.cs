using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>
/// What a training draws in tensors: from a generator of its own, which begins anew with every step, so that a training that goes on in another process draws
/// the same.
/// </summary>
/// <param name="device">Where the tensors are.</param>
internal sealed class Noise(Device device) : IDisposable
{
    private readonly Generator _generator = new(0, device);

    /// <summary>Begins a step.</summary>
    /// <param name="seed">A number that depends on the seed of the fit and on the step.</param>
    public void Begin(long seed) => _generator.manual_seed(seed);

    /// <summary>As many numbers as another tensor has, 1 with a probability and 0 otherwise.</summary>
    public Tensor Bernoulli(Tensor like, double probability) => empty_like(like).bernoulli_(probability, _generator);

    /// <summary>Numbers from N(0, 1).</summary>
    public Tensor Normal(params long[] shape) => randn(shape, device: device, generator: _generator);

    /// <summary>Numbers from 0 to 1.</summary>
    public Tensor Uniform(params long[] shape) => rand(shape, device: device, generator: _generator);

    public void Dispose() => _generator.Dispose();
}

/// <summary>Dropout of training: a part of the values is set to 0, and the others grow so that their mean stays. Without noise nothing is dropped.</summary>
/// <param name="Part">The part, from 0 to below 1.</param>
/// <param name="Noise">What is drawn from; null while nothing is learned.</param>
internal readonly record struct DropoutNoise(double Part, Noise? Noise)
{
    /// <summary>Whether anything is dropped.</summary>
    public bool Drops => Noise is not null && Part > 0;

    /// <summary>Drops a part of the values.</summary>
    public Tensor Apply(Tensor values)
    {
        if (Noise is null || Part <= 0)
            return values;
        using Scalar kept = 1 - Part;
        return values * Noise.Bernoulli(values, 1 - Part).div_(kept);
    }
}
