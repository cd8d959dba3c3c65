using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>
/// The time in which modules are made. Their initial weights come from torch's process-wide generator, which is this scope's alone until it ends, and then is
/// as it was before.
/// </summary>
/// <remarks>
/// What is drawn later comes from <see cref="Noise"/>: so fits that run at the same time, and models that are loaded meanwhile, give what each gives alone.
/// </remarks>
internal sealed class InitialWeights : IDisposable
{
    private static readonly Lock Generator = new();

    private readonly Tensor _former;

    /// <param name="seed">What the generator begins with; null where the initial weights are replaced at once.</param>
    public InitialWeights(int? seed = null)
    {
        Generator.Enter();
        _former = random.get_rng_state().DetachFromDisposeScope();
        if (seed is { } value)
            random.manual_seed(value).Dispose();
    }

    public void Dispose()
    {
        random.set_rng_state(_former);
        _former.Dispose();
        Generator.Exit();
    }

    /// <summary>Makes a module with the weights of a seed.</summary>
    public static T Of<T>(int seed, Func<T> create)
    {
        using var scope = new InitialWeights(seed);
        return create();
    }
}
