using System.Numerics;
using System.Runtime.CompilerServices;

namespace MLNet.Papers.FastText;

/// <summary>Counts the words of a corpus.</summary>
/// <param name="capacity">The most different words that are held at once; when there are more, rare ones are forgotten.</param>
internal sealed class VocabularyCounter(int capacity = VocabularyCounter.Capacity)
{
    // As the reference program: three quarters of thirty million.
    private const int Capacity = 22_500_000;
    private const int FewestSlots = 1 << 16;

    private int[] _slots = new int[FewestSlots];
    private long _leastCount = 1;

    /// <summary>The words that are held; others after some were dropped.</summary>
    public CountedWords Words { get; private set; } = new();

    /// <summary>How many different words are held.</summary>
    public int Count => Words.Count;

    /// <summary>All tokens that were counted, those of forgotten words too.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Counts an occurrence.</summary>
    /// <param name="word">The word.</param>
    /// <param name="hash">Its <see cref="SubwordHash"/>.</param>
    /// <returns>Its number among the <see cref="Words"/>.</returns>
    public int Add(ReadOnlySpan<byte> word, uint hash)
    {
        TokenCount++;
        ref int slot = ref FindSlot(word, hash);
        if (slot > 0)
        {
            Words.Increment(slot - 1);
            return slot - 1;
        }

        int number = Words.Add(word, hash, count: 1);
        slot = number + 1;
        if (Count > capacity)
            Forget();
        else if (2 * Count > _slots.Length)
            FillSlots();
        return number;
    }

    /// <summary>Makes sure that a word is there, as if it had occurred once.</summary>
    public void Ensure(ReadOnlySpan<byte> word)
    {
        uint hash = SubwordHash.Of(word);
        if (FindSlot(word, hash) == 0)
            Add(word, hash);
    }

    /// <summary>Drops the words that are too rare.</summary>
    public void Limit(long leastCount)
    {
        var kept = new CountedWords();
        foreach (CountedWord word in Words.All)
        {
            if (word.Count >= leastCount)
                kept.Add(word.Token.Of(Words.Names), word.Token.Hash, word.Count);
        }

        Words = kept;
        FillSlots();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ref int FindSlot(ReadOnlySpan<byte> word, uint hash)
    {
        uint mask = (uint)_slots.Length - 1;
        ReadOnlySpan<CountedWord> words = Words.All;
        ReadOnlySpan<byte> names = Words.Names;
        for (uint place = hash & mask; ; place = (place + 1) & mask)
        {
            ref int slot = ref _slots[place];
            if (slot == 0)
                return ref slot;
            Token candidate = words[slot - 1].Token;
            if (candidate.Hash == hash && candidate.Of(names).SequenceEqual(word))
                return ref slot;
        }
    }

    private void Forget()
    {
        while (Count > capacity)
            Limit(++_leastCount);
    }

    // Twice as many slots as words, at least, before they are filled anew.
    private void FillSlots()
    {
        uint length = BitOperations.RoundUpToPowerOf2((uint)Math.Max(4 * Count, FewestSlots));
        _slots = new int[length];
        ReadOnlySpan<CountedWord> words = Words.All;
        for (int number = 0; number < words.Length; number++)
        {
            uint place = words[number].Token.Hash & (length - 1);
            while (_slots[place] != 0)
                place = (place + 1) & (length - 1);
            _slots[place] = number + 1;
        }
    }
}
