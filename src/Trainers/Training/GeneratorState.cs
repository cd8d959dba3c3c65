using System.Runtime.InteropServices;

namespace MLNet.Papers.Training;

/// <summary>The state of torch's generator on a CPU, a Mersenne twister (Matsumoto and Nishimura 1998), as <c>get_rng_state</c> gives it.</summary>
/// <remarks>
/// libtorch ends the process over a state that it does not like, and reads behind its numbers where a state is of the right form but wrong: so it is checked before libtorch sees it.
/// The layout, in bytes: 8 of the seed, 4 of how many numbers are left and one more, 4 of whether it was seeded, 8 of the next number's place, 624 × 8 of numbers below 2³², 24 of a
/// normal number that is left over, 8 of whether there is one, and 8 of the same for numbers of 4 bytes.
/// </remarks>
internal static class GeneratorState
{
    private const int Numbers = 624;
    private const int FirstNumber = 24;
    private const int FirstNormal = FirstNumber + (Numbers * sizeof(ulong));
    private const int Length = FirstNormal + (3 * sizeof(double)) + 8 + 8;

    /// <summary>What is wrong with a state, or null.</summary>
    public static string? FindFault(ReadOnlySpan<byte> state)
    {
        if (state.Length != Length)
            return FormattableString.Invariant($"it has {state.Length} bytes, but must have {Length}");
        int left = MemoryMarshal.Read<int>(state[8..]), seeded = MemoryMarshal.Read<int>(state[12..]);
        ulong next = MemoryMarshal.Read<ulong>(state[16..]);
        if (seeded != 1)
            return "it was not seeded";
        // After a seed no number is left; after the first draw of a round, all but one.
        bool isPlace = (left == 1 && next == 0) || (left is >= 1 and <= Numbers && next == (ulong)(Numbers + 1 - left));
        if (!isPlace)
            return FormattableString.Invariant($"{left} numbers are left after number {next} of {Numbers}");
        if (MemoryMarshal.Cast<byte, ulong>(state[FirstNumber..FirstNormal]).ContainsAnyExceptInRange(0UL, uint.MaxValue))
            return "a number has more than 32 bits";
        ReadOnlySpan<byte> rest = state[FirstNormal..];
        int hasNormal = MemoryMarshal.Read<int>(rest[24..]);
        byte hasFloat = rest[36];
        if (hasNormal is not (0 or 1) || hasFloat is not (0 or 1))
            return "it does not say whether a normal number is left";
        bool isFinite = (hasNormal == 0 || MemoryMarshal.Cast<byte, double>(rest[..24]).ToArray().All(double.IsFinite))
            && (hasFloat == 0 || float.IsFinite(MemoryMarshal.Read<float>(rest[32..])));
        return isFinite ? null : "the normal number that is left is not finite";
    }
}
