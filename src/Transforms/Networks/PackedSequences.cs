namespace MLNet.Papers.Networks;

/// <summary>
/// Sequences of different lengths side by side without padding: the first steps of all of them, then the second steps of those that have one, and so on.
/// </summary>
internal sealed class PackedSequences
{
    private readonly int[] _offsets;

    /// <param name="lengths">The lengths, longest first; each at least 1.</param>
    public PackedSequences(ReadOnlySpan<int> lengths)
    {
        for (int row = 1; row < lengths.Length; row++)
        {
            if (lengths[row] > lengths[row - 1])
                throw new ArgumentException("The longest sequence must come first.", nameof(lengths));
        }

        Lengths = lengths.ToArray();
        Steps = lengths[0];
        _offsets = new int[Steps + 1];
        int active = lengths.Length;
        for (int step = 0; step < Steps; step++)
        {
            while (lengths[active - 1] <= step)
                active--;
            _offsets[step + 1] = _offsets[step] + active;
        }
    }

    public int[] Lengths { get; }

    /// <summary>The length of the longest sequence.</summary>
    public int Steps { get; }

    /// <summary>The steps of all sequences together.</summary>
    public int Total => _offsets[^1];

    /// <summary>How many sequences have such a step; they are the first ones.</summary>
    public int Active(int step) => _offsets[step + 1] - _offsets[step];

    /// <summary>Where a step's first sequence stands; the others follow.</summary>
    public int Offset(int step) => _offsets[step];
}
