using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Episodes;

/// <summary>Rows that episodes are drawn from.</summary>
/// <param name="Features">The features, row by row.</param>
/// <param name="Size">D, the length of a row.</param>
/// <param name="Partitions">
/// Ways to part the rows into classes, for each the rows of each class; classes with too few rows for an episode are not among them. Labels are one partition.
/// </param>
internal sealed record EpisodeRows(float[] Features, int Size, IReadOnlyList<IReadOnlyList<int[]>> Partitions)
{
    public int Count => Features.Length / Size;

    /// <summary>W, classes in an episode: those of the options, or all of the partition that has the fewest.</summary>
    /// <param name="options">How episodes are drawn.</param>
    /// <param name="turns">How often a class comes, each time as another class.</param>
    public int Ways(FewShotOptions options, int turns) => (int)Math.Min(options.Ways, (long)turns * Partitions.Min(partition => partition.Count));

    /// <summary>A hash of the features and of which row belongs to which class.</summary>
    public ulong Hash()
    {
        var hash = new XxHash64();
        hash.Append(MemoryMarshal.AsBytes(Features.AsSpan()));
        foreach (int[] members in Partitions.SelectMany(partition => partition))
        {
            hash.Append(BitConverter.GetBytes(members.Length));
            hash.Append(MemoryMarshal.AsBytes(members.AsSpan()));
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
