using System.Runtime.InteropServices;
using System.Text;

namespace MLNet.Papers.WordPieces;

/// <summary>
/// Learns a vocabulary of word pieces by joining pairs: the pieces are at first the characters, those inside of words with "##" before them; then again and
/// again the best pair of neighbours becomes one piece, in all words at once.
/// </summary>
/// <remarks>
/// What is the best pair is said by <see cref="WordPieceMerge"/>. Of equally good ones the more frequent comes first, then the earlier in ordinal order: the
/// order of the words does not matter. Counts are kept up to date where a join changes them; scores lie in a heap, in which entries that were overtaken are
/// passed over.
/// </remarks>
internal sealed class WordPieceTraining
{
    private static readonly string[] Marks =
    [
        WordPieceVocabulary.PaddingName, WordPieceVocabulary.UnknownName, WordPieceVocabulary.ClassificationName, WordPieceVocabulary.SeparatorName,
        WordPieceVocabulary.MaskName,
    ];

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<Piece> _pieces = [];
    private readonly List<CountedWord> _words = [];
    private readonly Dictionary<(int Left, int Right), Pair> _pairs = [];
    private readonly HashSet<Pair> _changed = [];
    private readonly WordPieceMerge _merge;
    private readonly long _leastCount;
    private PriorityQueue<Entry, Entry> _queue = new();

    private WordPieceTraining(WordPieceMerge merge, long leastCount) => (_merge, _leastCount) = (merge, leastCount);

    /// <summary>Learns a vocabulary as options say.</summary>
    /// <param name="counts">The words.</param>
    /// <param name="options">The size, and how pairs are chosen.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public static WordPieceVocabulary Learn(WordCounts counts, WordPieceOptions options, Action check) =>
        Learn(counts.Counts, options.VocabularySize, options.Merge, options.MinPairCount, options.MaxCharacters, check);

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="counts">How often each word occurs.</param>
    /// <param name="size">The most pieces, the five marks counted.</param>
    /// <param name="merge">Which pair is joined.</param>
    /// <param name="leastCount">How often a pair must occur to be joined.</param>
    /// <param name="mostCharacters">The most different characters; words with rarer ones are unknown.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    /// <returns>
    /// The marks, the characters in ordinal order, as beginnings and as continuations, and the joined pieces in the order in which they came.
    /// </returns>
    public static WordPieceVocabulary Learn(
        IEnumerable<KeyValuePair<string, long>> counts, int size, WordPieceMerge merge, long leastCount, int mostCharacters, Action check)
    {
        var training = new WordPieceTraining(merge, leastCount);
        training.Begin([.. counts], Math.Min(mostCharacters, (size - Marks.Length) / 2), check);
        while (Marks.Length + training._pieces.Count < size && training.Next() is { } best)
        {
            check();
            training.Join(best);
        }

        return new WordPieceVocabulary([.. Marks, .. training._pieces.Select(piece => piece.Text)]);
    }

    private void Begin(KeyValuePair<string, long>[] counts, int mostCharacters, Action check)
    {
        var characters = new Dictionary<Rune, long>();
        foreach ((string word, long count) in counts)
        {
            foreach (Rune rune in word.EnumerateRunes())
                CollectionsMarshal.GetValueRefOrAddDefault(characters, rune, out _) += count;
        }

        Rune[] kept = [.. characters.OrderByDescending(character => character.Value).ThenBy(character => character.Key).Take(mostCharacters)
            .Select(character => character.Key).Order()];
        foreach (string mark in (string[])["", WordPieceVocabulary.Continuation])
        {
            foreach (Rune rune in kept)
                NumberOf(mark + rune.ToString());
        }

        HashSet<Rune> known = [.. kept];
        foreach ((string word, long count) in counts)
        {
            check();
            if (word.EnumerateRunes().All(known.Contains))
                AddWord(word, count);
        }

        foreach (Pair pair in _pairs.Values)
            Enqueue(pair);
        _changed.Clear();
    }

    private void AddWord(string word, long count)
    {
        int[] pieces = [.. word.EnumerateRunes().Select((rune, i) => _numbers[(i == 0 ? "" : WordPieceVocabulary.Continuation) + rune.ToString()])];
        var counted = new CountedWord(pieces, count);
        Count(counted, _words.Count, +1);
        _words.Add(counted);
    }

    private int NumberOf(string text)
    {
        if (!_numbers.TryGetValue(text, out int number))
        {
            _numbers.Add(text, number = _pieces.Count);
            _pieces.Add(new Piece(text));
        }

        return number;
    }

    // Adds or takes away what a word counts.
    private void Count(CountedWord word, int index, int sign)
    {
        for (int i = 0; i < word.Pieces.Length; i++)
        {
            _pieces[word.Pieces[i]].Count += sign * word.Count;
            if (i == 0)
                continue;
            Pair pair = PairOf(word.Pieces[i - 1], word.Pieces[i]);
            pair.Count += sign * word.Count;
            if (sign > 0 && (pair.Words.Count == 0 || pair.Words[^1] != index))
                pair.Words.Add(index);
            _changed.Add(pair);
        }
    }

    private Pair PairOf(int left, int right)
    {
        if (!_pairs.TryGetValue((left, right), out Pair? pair))
        {
            _pairs.Add((left, right), pair = new Pair(left, right));
            _pieces[left].Pairs.Add(pair);
            if (left != right)
                _pieces[right].Pairs.Add(pair);
        }

        return pair;
    }

    private Pair? Next()
    {
        while (_queue.TryDequeue(out Entry entry, out _))
        {
            if (entry.Stamp == entry.Pair.Stamp)
                return entry.Pair;
        }

        return null;
    }

    private void Join(Pair best)
    {
        int joined = NumberOf(_pieces[best.Left].Text + _pieces[best.Right].Text[WordPieceVocabulary.Continuation.Length..]);
        foreach (int index in best.Words.Distinct().ToArray())
        {
            CountedWord word = _words[index];
            int[] pieces = word.Joined(best.Left, best.Right, joined);
            if (pieces.Length == word.Pieces.Length)
                continue;
            Count(word, index, -1);
            word = word with { Pieces = pieces };
            Count(word, index, +1);
            _words[index] = word;
        }

        if (_merge == WordPieceMerge.Likelihood)
        {
            // The scores of all pairs of a piece change with its count.
            foreach (int piece in (int[])[best.Left, best.Right, joined])
                _changed.UnionWith(_pieces[piece].Pairs);
        }

        foreach (Pair pair in _changed)
        {
            if (pair.Count == 0)
                Remove(pair);
            else
                Enqueue(pair);
        }

        _changed.Clear();
        if (_queue.Count > 100_000 + (4 * _pairs.Count))
            _queue = new(_queue.UnorderedItems.Where(item => item.Element.Stamp == item.Element.Pair.Stamp));
    }

    private void Enqueue(Pair pair)
    {
        pair.Stamp++;
        if (pair.Count < _leastCount)
            return;
        (Piece left, Piece right) = (_pieces[pair.Left], _pieces[pair.Right]);
        double score = _merge == WordPieceMerge.Likelihood ? pair.Count / ((double)left.Count * right.Count) : pair.Count;
        var entry = new Entry(pair, pair.Stamp, score, pair.Count, left.Text, right.Text);
        _queue.Enqueue(entry, entry);
    }

    private void Remove(Pair pair)
    {
        pair.Stamp++;
        _pairs.Remove((pair.Left, pair.Right));
        _pieces[pair.Left].Pairs.Remove(pair);
        _pieces[pair.Right].Pairs.Remove(pair);
    }

    private sealed class Piece(string text)
    {
        public string Text { get; } = text;

        public long Count { get; set; }

        public HashSet<Pair> Pairs { get; } = [];
    }

    /// <summary>Two neighbours, and the words that have or had them.</summary>
    private sealed class Pair(int left, int right)
    {
        public int Left { get; } = left;

        public int Right { get; } = right;

        public long Count { get; set; }

        public List<int> Words { get; } = [];

        // Entries of the queue with another stamp were overtaken.
        public int Stamp { get; set; }
    }

    private readonly record struct CountedWord(int[] Pieces, long Count)
    {
        public int[] Joined(int left, int right, int joined)
        {
            var pieces = new List<int>(Pieces.Length);
            for (int i = 0; i < Pieces.Length; i++)
            {
                bool isPair = i + 1 < Pieces.Length && Pieces[i] == left && Pieces[i + 1] == right;
                pieces.Add(isPair ? joined : Pieces[i]);
                if (isPair)
                    i++;
            }

            return [.. pieces];
        }
    }

    /// <summary>A pair in the queue; the best comes first.</summary>
    private readonly record struct Entry(Pair Pair, int Stamp, double Score, long Count, string Left, string Right) : IComparable<Entry>
    {
        public int CompareTo(Entry other)
        {
            int order = other.Score.CompareTo(Score);
            if (order == 0)
                order = other.Count.CompareTo(Count);
            if (order == 0)
                order = string.CompareOrdinal(Left, other.Left);
            return order != 0 ? order : string.CompareOrdinal(Right, other.Right);
        }
    }
}
