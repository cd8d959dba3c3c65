using System.Runtime.InteropServices;

namespace MLNet.Papers.FastText;

/// <summary>Some lines of a corpus: what a worker takes at once.</summary>
/// <param name="isKept">Whether it is learned from again: then only what its lines were parsed into is held. Otherwise it is used again for the next lines.</param>
internal sealed class CorpusBlock(bool isKept = false)
{
    // Enough that taking lines is nothing beside learning from them, and little enough to stay in the cache.
    private const int Size = 1 << 16;

    private readonly Lock _gate = new();
    private readonly List<int> _ends = [];
    private readonly List<int> _labels = [];
    private readonly List<int> _labelEnds = [];
    private readonly List<int> _parsedEnds = [];
    private int[] _parsed = [];

    public Utf8Text Text { get; private set; } = new();

    /// <summary>How many lines.</summary>
    public int Count => _ends.Count;

    public bool IsFull => Text.Bytes.Length >= Size || Count >= Size;

    public void Clear()
    {
        Text.Clear();
        _ends.Clear();
        _labels.Clear();
        _labelEnds.Clear();
        _parsedEnds.Clear();
    }

    /// <summary>Ends a line whose text was added before.</summary>
    public void EndLine(ReadOnlySpan<int> labels)
    {
        _ends.Add(Text.Bytes.Length);
        _labels.AddRange(labels);
        _labelEnds.Add(_labels.Count);
    }

    /// <summary>A line; it may begin with the space that separates it from the one before.</summary>
    public ReadOnlySpan<byte> Line(int index) => Text.Bytes[(index == 0 ? 0 : _ends[index - 1]).._ends[index]];

    public ReadOnlySpan<int> Labels(int index) => CollectionsMarshal.AsSpan(_labels)[(index == 0 ? 0 : _labelEnds[index - 1]).._labelEnds[index]];

    /// <summary>Parses all lines, unless that has been done.</summary>
    /// <param name="learner">Parses them.</param>
    /// <param name="labelIds">The id of each label's key, below 0 for one without an id, which is passed over; null if there are no labels.</param>
    /// <param name="room">Room for the lines.</param>
    public void Parse(Learner learner, int[]? labelIds, List<int> room)
    {
        // A kept block may come to one worker while another still parses it.
        lock (_gate)
        {
            if (_parsedEnds.Count == Count)
                return;
            MapLabels(labelIds);
            room.Clear();
            for (int line = 0; line < Count; line++)
            {
                learner.Parse(Line(line), Labels(line), room);
                _parsedEnds.Add(room.Count);
            }

            if (_parsed.Length < room.Count)
                _parsed = new int[isKept ? room.Count : 2 * room.Count];
            room.CopyTo(_parsed);
            if (isKept)
                Text = new Utf8Text();
        }
    }

    /// <summary>What a line was parsed into.</summary>
    public ArraySegment<int> Parsed(int index)
    {
        int start = index == 0 ? 0 : _parsedEnds[index - 1];
        return new ArraySegment<int>(_parsed, start, _parsedEnds[index] - start);
    }

    private void MapLabels(int[]? ids)
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
}
