using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Seeds torch's process-wide generator, which initialises modules, and puts its former state back at the end.</summary>
/// <remarks>The generator belongs to the process: fits that run at the same time disturb each other's draws, but nothing else.</remarks>
internal sealed class TorchRandomScope : IDisposable
{
    private readonly Tensor _former;

    public TorchRandomScope(int seed)
    {
        _former = random.get_rng_state().DetachFromDisposeScope();
        random.manual_seed(seed).Dispose();
    }

    public void Dispose()
    {
        random.set_rng_state(_former);
        _former.Dispose();
    }
}

/// <summary>Generators that depend on a seed and a number alone.</summary>
internal static class StepRandom
{
    public static Random Create(int seed, long step)
    {
        // SplitMix64's finalizer: neighbouring steps and seeds give unrelated generators.
        ulong mixed = ((ulong)(uint)seed << 32) ^ unchecked((ulong)step * 0x9E37_79B9_7F4A_7C15UL);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return new Random(unchecked((int)(mixed ^ (mixed >> 31))));
    }
}
