namespace MLNet.Papers.Bert;

/// <summary>Hides pieces of a text, which are then to be predicted: section 3.1, task 1.</summary>
/// <remarks>
/// As in the published program: of a sequence of N pieces, its marks counted, round(p · N) are chosen, at least one; 80 % of them become the mask, 10 % any
/// piece of the vocabulary, and 10 % stay.
/// </remarks>
/// <param name="pieces">V, the pieces of the vocabulary.</param>
/// <param name="mask">The piece that stands for a hidden one.</param>
/// <param name="part">p, the part that is chosen.</param>
/// <param name="most">The most that are chosen in a sequence.</param>
/// <param name="continues">Whether each piece of the vocabulary goes on with a word, so that whole words are hidden; null to hide pieces alone.</param>
internal sealed class WordMasking(int pieces, int mask, double part, int most = int.MaxValue, bool[]? continues = null)
{
    private const double MaskPart = 0.8, KeptPart = 0.1;

    private readonly List<int> _places = [];
    private readonly List<(int First, int Count)> _words = [];

    /// <summary>Chooses places of a sequence and changes what stands there.</summary>
    /// <param name="sequence">The pieces with their marks.</param>
    /// <param name="isMark">Whether a piece of the sequence is one of the marks around its segments, which are never chosen.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="targets">Receives the places and what stood there.</param>
    public void Hide(Span<int> sequence, ReadOnlySpan<bool> isMark, Random random, List<(int Place, int Piece)> targets)
    {
        Choose(sequence, isMark, random);
        foreach (int place in _places)
        {
            targets.Add((place, sequence[place]));
            double draw = random.NextDouble();
            if (draw < MaskPart)
                sequence[place] = mask;
            else if (draw >= MaskPart + KeptPart)
                sequence[place] = random.Next(pieces);
        }
    }

    // Words in random order, each of one piece where pieces are hidden alone; a word that is too long for what is left is passed over.
    private void Choose(ReadOnlySpan<int> sequence, ReadOnlySpan<bool> isMark, Random random)
    {
        FindWords(sequence, isMark);
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_words));
        int left = Math.Min(most, Math.Max(1, (int)Math.Round(part * sequence.Length)));
        _places.Clear();
        foreach ((int first, int count) in _words)
        {
            if (count <= left)
                Add(first, count);
        }

        // Where every word is too long, the shortest is hidden all the same.
        if (_places.Count == 0 && _words.Count > 0)
        {
            (int first, int count) = _words.MinBy(word => word.Count);
            Add(first, count);
        }

        void Add(int first, int count)
        {
            for (int place = first; place < first + count; place++)
                _places.Add(place);
            left -= count;
        }
    }

    private void FindWords(ReadOnlySpan<int> sequence, ReadOnlySpan<bool> isMark)
    {
        _words.Clear();
        for (int place = 0; place < sequence.Length; place++)
        {
            if (isMark[place])
                continue;
            if (continues is not null && continues[sequence[place]] && _words.Count > 0 && !isMark[place - 1])
                _words[^1] = (_words[^1].First, _words[^1].Count + 1);
            else
                _words.Add((place, 1));
        }
    }
}
