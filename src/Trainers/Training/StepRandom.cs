namespace MLNet.Papers.Training;

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
