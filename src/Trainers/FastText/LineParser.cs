namespace MLNet.Papers.FastText;

/// <summary>Makes of lines what a learner learns from. One worker's own.</summary>
/// <param name="learner">Knows what it needs of a line.</param>
/// <param name="dictionary">Where the words are looked up.</param>
/// <param name="labelIds">
/// For each key of the label column the id of the label, from 0, below 0 for one without an id, which is passed over; null if there are no labels.
/// </param>
/// <param name="check">Called now and then in a line of many words; throws to stop.</param>
internal sealed class LineParser(Learner learner, FastTextDictionary dictionary, int[]? labelIds, Action? check = null)
{
    private readonly LineTokens _tokens = new();
    private readonly List<int> _labels = [];

    /// <summary>What lines were parsed into, one after the other; emptied by who takes it.</summary>
    public List<int> Parsed { get; } = [];

    /// <summary>Parses a line of text.</summary>
    /// <param name="text">The line as UTF-8, without its end.</param>
    /// <param name="labels">The keys of its labels, from 0.</param>
    public void Parse(ReadOnlySpan<byte> text, ReadOnlySpan<int> labels)
    {
        dictionary.Read(text, _tokens, check);
        ParseTokens(text, labels);
    }

    /// <summary>Parses a line whose words were counted.</summary>
    /// <param name="numbers">The numbers of its words.</param>
    /// <param name="words">The words.</param>
    /// <param name="labels">The keys of its labels, from 0.</param>
    public void Parse(ReadOnlySpan<int> numbers, CountedWords words, ReadOnlySpan<int> labels)
    {
        words.Read(numbers, dictionary, _tokens, check);
        ParseTokens(words.Names, labels);
    }

    private void ParseTokens(ReadOnlySpan<byte> names, ReadOnlySpan<int> labels)
    {
        _labels.Clear();
        foreach (int label in labels)
        {
            if (labelIds is not null && labelIds[label] >= 0)
                _labels.Add(labelIds[label]);
        }

        learner.Parse(names, _tokens, _labels, Parsed);
    }
}
