using System.Numerics;
using System.Runtime.CompilerServices;
using MLNet.Papers.Interop;

namespace MLNet.Papers.FastText;

/// <summary>Counts the words of a corpus.</summary>
/// <param name="capacity">The most different words that are held at once; when there are more, rare ones are forgotten.</param>
/// <param name="check">Called now and then where all words are gone over; throws to stop.</param>
internal sealed class VocabularyCounter(int capacity = VocabularyCounter.Capacity, Action? check = null)
{
    // As the reference program: three quarters of thirty million.
    private const int Capacity = 22_500_000;
    private const int FewestSlots = 1 << 16;

    private const uint NoPlace = uint.MaxValue;

    private int[] _slots = new int[FewestSlots];
    private CrowdedNames? _crowded;
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
        int number = Find(word, hash, out uint place);
        if (number >= 0)
        {
            Words.Increment(number);
            return number;
        }

        number = Words.Add(word, hash, count: 1);
        Put(place, word, number);
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
        if (Find(word, hash, out _) < 0)
            Add(word, hash);
    }

    /// <summary>Drops the words that are too rare.</summary>
    public void Limit(long leastCount)
    {
        var kept = new CountedWords();
        var polling = new Polling(check);
        foreach (CountedWord word in Words.All)
        {
            polling.Turn();
            if (word.Count >= leastCount)
                kept.Add(word.Token.Of(Words.Names), word.Token.Hash, word.Count);
        }

        Words = kept;
        FillSlots();
    }

    // The number of a word, or -1 and the place where it belongs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Find(ReadOnlySpan<byte> word, uint hash, out uint place)
    {
        int[] slots = _slots;
        uint mask = (uint)slots.Length - 1, next = hash & mask;
        ReadOnlySpan<CountedWord> words = Words.All;
        ReadOnlySpan<byte> names = Words.Names;
        for (int search = 0; search < CrowdedNames.LongestSearch; search++)
        {
            place = next;
            int slot = slots[next];
            if (slot == 0)
                return -1;
            Token candidate = words[slot - 1].Token;
            if (candidate.Hash == hash && candidate.Of(names).SequenceEqual(word))
                return slot - 1;
            next = (next + 1) & mask;
        }

        place = NoPlace;
        return _crowded?.Find(word) ?? -1;
    }

    private void Put(uint place, ReadOnlySpan<byte> word, int number)
    {
        if (place == NoPlace)
            (_crowded ??= new CrowdedNames()).Set(word, number);
        else
            _slots[place] = number + 1;
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
        _crowded = null;
        ReadOnlySpan<CountedWord> words = Words.All;
        var polling = new Polling(check);
        for (int number = 0; number < words.Length; number++)
        {
            polling.Turn();
            uint place = words[number].Token.Hash & (length - 1);
            int search = 0;
            while (search < CrowdedNames.LongestSearch && _slots[place] != 0)
            {
                place = (place + 1) & (length - 1);
                search++;
            }

            Put(search < CrowdedNames.LongestSearch ? place : NoPlace, words[number].Token.Of(Words.Names), number);
        }
    }
}
