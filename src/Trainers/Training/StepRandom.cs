using MLNet.Papers.Networks;

namespace MLNet.Papers.Training;

/// <summary>Generators that depend on a seed and a number alone.</summary>
internal static class StepRandom
{
    public static Random Create(int seed, long step)
    {
        // Neighbouring steps and seeds give unrelated generators.
        ulong mixed = SplitMix.Mix(((ulong)(uint)seed << 32) ^ unchecked((ulong)step * SplitMix.Growth));
        return new Random(unchecked((int)mixed));
    }
}
