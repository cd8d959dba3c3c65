namespace MLNet.Papers.Texts;

/// <summary>Gives equal texts the same string, so that a text that came before costs no memory; forgets all when it is full.</summary>
/// <param name="capacity">The most strings that are held.</param>
internal sealed class StringPool(int capacity = 1 << 16)
{
    private readonly HashSet<string> _strings = [];

    public string Get(ReadOnlySpan<char> text)
    {
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = _strings.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out string? known))
            return known;
        if (_strings.Count == capacity)
            _strings.Clear();
        string added = text.ToString();
        _strings.Add(added);
        return added;
    }
}
