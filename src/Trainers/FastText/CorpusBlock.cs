using System.Runtime.InteropServices;
using MLNet.Papers.Interop;

namespace MLNet.Papers.FastText;

/// <summary>
/// Some lines of a corpus: what a worker takes at once. They are text first, then, where their words were counted, the numbers of these, and at last what a
/// learner learns from.
/// </summary>
/// <param name="isKept">Whether it is learned from again: then only the last of these is held. Otherwise it is used again for the next lines.</param>
internal sealed class CorpusBlock(bool isKept = false)
{
    // Enough that taking lines is nothing beside learning from them, and little enough to stay in the cache.
    private const int Size = 1 << 16;

    private readonly Lock _gate = new();
    // Where the lines end in the text, in the numbers or in what was parsed, whichever they are.
    private readonly List<int> _ends = [];
    private List<int> _labels = [];
    private List<int> _labelEnds = [];
    private CountedWords? _words;
    private int[] _numbers = [];
    private int[] _parsed = [];
    private bool _isParsed;

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
        _isParsed = false;
    }

    /// <summary>Ends a line whose text was added before.</summary>
    public void EndLine(ReadOnlySpan<int> labels)
    {
        _ends.Add(Text.Bytes.Length);
        _labels.AddRange(labels);
        _labelEnds.Add(_labels.Count);
    }

    /// <summary>Where a line ends in the text.</summary>
    public int EndOf(int index) => _ends[index];

    /// <summary>The labels of a line that is not parsed yet, as keys from 0.</summary>
    public ReadOnlySpan<int> Labels(int index) => CollectionsMarshal.AsSpan(_labels)[(index == 0 ? 0 : _labelEnds[index - 1]).._labelEnds[index]];

    /// <summary>Counts the words of all lines, without their ends.</summary>
    /// <param name="counter">Counts them. It must not forget words while blocks are kept.</param>
    /// <param name="room">Room for the numbers of the words.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public void CountWords(VocabularyCounter counter, List<int> room, Action? check = null)
    {
        var polling = new Polling(check);
        room.Clear();
        int start = 0;
        foreach (ref int end in CollectionsMarshal.AsSpan(_ends))
        {
            // A line may begin with the space that separates it from the one before.
            var tokens = new TokenEnumerator(Text.Bytes[start..end]);
            while (tokens.MoveNext())
            {
                polling.Turn();
                room.Add(counter.Add(tokens.Current, tokens.Hash));
            }

            start = end;
            if (isKept)
                end = room.Count;
        }

        if (!isKept)
            return;
        (_numbers, _words) = ([.. room], counter.Words);
        Text = new Utf8Text();
    }

    /// <summary>Parses all lines, unless that has been done.</summary>
    public void Parse(LineParser parser)
    {
        // A kept block may come to one worker while another still parses it.
        lock (_gate)
        {
            if (_isParsed)
                return;
            parser.Parsed.Clear();
            int start = 0;
            for (int line = 0; line < Count; line++)
            {
                int end = _ends[line];
                if (_words is null)
                    parser.Parse(Text.Bytes[start..end], Labels(line));
                else
                    parser.Parse(_numbers.AsSpan(start..end), _words, Labels(line));
                start = end;
                _ends[line] = parser.Parsed.Count;
            }

            if (_parsed.Length < parser.Parsed.Count)
                _parsed = new int[isKept ? parser.Parsed.Count : 2 * parser.Parsed.Count];
            parser.Parsed.CopyTo(_parsed);
            _isParsed = true;
            if (isKept)
                (Text, _words, _numbers, _labels, _labelEnds, _ends.Capacity) = (new Utf8Text(), null, [], [], [], Count);
        }
    }

    /// <summary>What a line was parsed into.</summary>
    public ArraySegment<int> Parsed(int index)
    {
        int start = index == 0 ? 0 : _ends[index - 1];
        return new ArraySegment<int>(_parsed, start, _ends[index] - start);
    }
}
