using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.FastText;

/// <summary>Counts the words of a corpus.</summary>
/// <param name="capacity">The most different words that are held at once; when there are more, rare ones are forgotten.</param>
internal sealed class VocabularyCounter(int capacity = VocabularyCounter.Capacity)
{
    // As the reference program: three quarters of thirty million.
    private const int Capacity = 22_500_000;

    private List<Word> _words = [];
    private List<byte> _names = [];
    private int[] _slots = new int[1 << 16];
    private long _leastCount = 1;

    /// <summary>How many different words are held.</summary>
    public int Count => _words.Count;

    /// <summary>All tokens that were counted, those of forgotten words too.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Counts an occurrence.</summary>
    /// <param name="word">The word.</param>
    /// <param name="hash">Its <see cref="SubwordHash"/>.</param>
    public void Add(ReadOnlySpan<byte> word, uint hash)
    {
        TokenCount++;
        ref int slot = ref FindSlot(word, hash);
        if (slot > 0)
        {
            CollectionsMarshal.AsSpan(_words)[slot - 1].Count++;
            return;
        }

        _words.Add(new Word { Hash = hash, Start = _names.Count, Length = word.Length, Count = 1 });
        _names.AddRange(word);
        slot = _words.Count;
        if (_words.Count > capacity)
            Forget();
        else if (2 * _words.Count > _slots.Length)
            Rebuild(_words);
    }

    /// <summary>Makes sure that a word is there, as if it had occurred once.</summary>
    public void Ensure(ReadOnlySpan<byte> word)
    {
        uint hash = SubwordHash.Of(word);
        if (FindSlot(word, hash) == 0)
            Add(word, hash);
    }

    /// <summary>Drops the words that are too rare.</summary>
    public void Limit(long leastCount) => Rebuild([.. _words.Where(word => word.Count >= leastCount)]);

    /// <summary>The words, most frequent first; those of one count in the order in which they came.</summary>
    public IReadOnlyList<DictionaryEntry> Entries()
    {
        ReadOnlyMemory<byte> names = _names.ToArray();
        return [.. _words.OrderByDescending(word => word.Count).Select(word => new DictionaryEntry(names.Slice(word.Start, word.Length).ToArray(), word.Count, IsLabel: false))];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ref int FindSlot(ReadOnlySpan<byte> word, uint hash)
    {
        uint mask = (uint)_slots.Length - 1;
        ReadOnlySpan<Word> words = CollectionsMarshal.AsSpan(_words);
        ReadOnlySpan<byte> names = CollectionsMarshal.AsSpan(_names);
        for (uint place = hash & mask; ; place = (place + 1) & mask)
        {
            ref int slot = ref _slots[place];
            if (slot == 0)
                return ref slot;
            Word candidate = words[slot - 1];
            if (candidate.Hash == hash && names.Slice(candidate.Start, candidate.Length).SequenceEqual(word))
                return ref slot;
        }
    }

    private void Forget()
    {
        while (_words.Count > capacity)
            Limit(++_leastCount);
    }

    private void Rebuild(List<Word> words)
    {
        var kept = new List<Word>(words.Count);
        var names = new List<byte>();
        uint length = System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4 * words.Count, 1 << 16));
        _slots = new int[length];
        ReadOnlySpan<byte> old = CollectionsMarshal.AsSpan(_names);
        foreach (Word word in words)
        {
            uint place = word.Hash & (length - 1);
            while (_slots[place] != 0)
                place = (place + 1) & (length - 1);
            kept.Add(word with { Start = names.Count });
            names.AddRange(old.Slice(word.Start, word.Length));
            _slots[place] = kept.Count;
        }

        (_words, _names) = (kept, names);
    }

    private record struct Word
    {
        public uint Hash;
        public int Start;
        public int Length;
        public long Count;
    }
}
