namespace MLNet.Papers.FastText;

/// <summary>
/// The names that found no place in a hash table, because too many others have hashes like theirs. The format demands a <see cref="SubwordHash"/>, for which
/// anybody can make names that collide; a table looks at no more than <see cref="LongestSearch"/> of its places, and then here.
/// </summary>
internal sealed class CrowdedNames
{
    /// <summary>The most places of a table that are looked at. A table that is half full has hardly ever so many in a row.</summary>
    public const int LongestSearch = 64;

    private readonly Dictionary<ReadOnlyMemory<byte>, int> _numbers = new(NameComparer.Instance);

    /// <summary>The number of a name, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name) => Lookup.TryGetValue(name, out int number) ? number : -1;

    /// <summary>Sets the number of a name.</summary>
    public void Set(ReadOnlySpan<byte> name, int number)
    {
        Dictionary<ReadOnlyMemory<byte>, int>.AlternateLookup<ReadOnlySpan<byte>> lookup = Lookup;
        lookup[name] = number;
    }

    private Dictionary<ReadOnlyMemory<byte>, int>.AlternateLookup<ReadOnlySpan<byte>> Lookup => _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
}
