using System.Runtime.InteropServices;

namespace MLNet.Papers.FastText;

/// <summary>Some lines of a corpus: what a worker takes at once. Used again for the next lines.</summary>
internal sealed class CorpusBlock
{
    // Enough that taking lines is nothing beside learning from them, and little enough to stay in the cache.
    private const int Size = 1 << 16;

    private readonly List<int> _ends = [];
    private readonly List<int> _labels = [];
    private readonly List<int> _labelEnds = [];

    public Utf8Text Text { get; } = new();

    /// <summary>How many lines.</summary>
    public int Count => _ends.Count;

    public bool IsFull => Text.Bytes.Length >= Size || Count >= Size;

    public void Clear()
    {
        Text.Clear();
        _ends.Clear();
        _labels.Clear();
        _labelEnds.Clear();
    }

    /// <summary>Ends a line whose text was added before.</summary>
    public void EndLine(ReadOnlySpan<int> labels)
    {
        _ends.Add(Text.Bytes.Length);
        _labels.AddRange(labels);
        _labelEnds.Add(_labels.Count);
    }

    /// <summary>Puts the ids of labels in place of their keys; labels without an id go.</summary>
    public void MapLabels(int[]? ids)
    {
        if (ids is null)
            return;
        Span<int> labels = CollectionsMarshal.AsSpan(_labels);
        int start = 0, kept = 0;
        foreach (ref int end in CollectionsMarshal.AsSpan(_labelEnds))
        {
            foreach (int label in labels[start..end])
            {
                if (ids[label] >= 0)
                    labels[kept++] = ids[label];
            }

            start = end;
            end = kept;
        }
    }

    /// <summary>A line; it may begin with the space that separates it from the one before.</summary>
    public ReadOnlySpan<byte> Line(int index) => Text.Bytes[(index == 0 ? 0 : _ends[index - 1]).._ends[index]];

    public ReadOnlySpan<int> Labels(int index) => CollectionsMarshal.AsSpan(_labels)[(index == 0 ? 0 : _labelEnds[index - 1]).._labelEnds[index]];
}
