namespace MLNet.Papers.Labels;

/// <summary>Rows of numbers, all of one length, in memory.</summary>
/// <param name="size">Numbers in a row.</param>
internal sealed class RowList(int size)
{
    private readonly List<float[]> _rows = [];

    /// <summary>Adds a copy of a row.</summary>
    public void Add(ReadOnlySpan<float> row) => _rows.Add(row.ToArray());

    /// <summary>The rows one after the other.</summary>
    public float[] ToArray()
    {
        float[] all = new float[checked(_rows.Count * size)];
        for (int row = 0; row < _rows.Count; row++)
            _rows[row].CopyTo(all, row * size);
        return all;
    }
}
