using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>Rows that episodes are drawn from.</summary>
/// <param name="Features">The features, row by row.</param>
/// <param name="Size">D, the length of a row.</param>
/// <param name="RowsByClass">For each class its rows; classes with too few rows for an episode are not among them.</param>
internal sealed record EpisodeRows(float[] Features, int Size, IReadOnlyList<int[]> RowsByClass)
{
    public int Count => Features.Length / Size;

    /// <summary>A hash of the features and of which row belongs to which class.</summary>
    public ulong Hash()
    {
        var hash = new XxHash64();
        hash.Append(MemoryMarshal.AsBytes(Features.AsSpan()));
        foreach (int[] members in RowsByClass)
        {
            hash.Append(BitConverter.GetBytes(members.Length));
            hash.Append(MemoryMarshal.AsBytes(members.AsSpan()));
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
