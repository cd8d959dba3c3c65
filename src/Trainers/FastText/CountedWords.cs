using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Interop;

namespace MLNet.Papers.FastText;

/// <summary>Different words, numbered in the order in which they came, with how often each came.</summary>
internal sealed class CountedWords
{
    private readonly Lock _gate = new();
    private readonly List<CountedWord> _words = [];
    private readonly ArrayBufferWriter<byte> _names = new();
    private int[]? _ids;

    public ReadOnlySpan<CountedWord> All => CollectionsMarshal.AsSpan(_words);

    /// <summary>What the words stand in.</summary>
    public ReadOnlySpan<byte> Names => _names.WrittenSpan;

    public int Count => _words.Count;

    public int Add(ReadOnlySpan<byte> name, uint hash, long count)
    {
        _words.Add(new CountedWord { Token = new Token(_names.WrittenCount, _names.WrittenCount + name.Length, hash), Count = count });
        _names.Write(name);
        return _words.Count - 1;
    }

    /// <summary>Counts another occurrence of a word.</summary>
    public void Increment(int number) => CollectionsMarshal.AsSpan(_words)[number].Count++;

    /// <summary>The words as entries of a dictionary, most frequent first; those of one count in the order of their numbers.</summary>
    /// <param name="check">Called now and then; throws to stop.</param>
    public IEnumerable<DictionaryEntry> Entries(Action? check = null)
    {
        ReadOnlyMemory<byte> names = _names.WrittenMemory;
        var polling = new Polling(check);
        // Few counts are different: only they are sorted.
        return Enumerable.Range(0, Count).GroupBy(CountOf).OrderByDescending(words => words.Key).SelectMany(words => words).Select(Entry);

        long CountOf(int number)
        {
            polling.Turn();
            return _words[number].Count;
        }

        DictionaryEntry Entry(int number)
        {
            polling.Turn();
            return new DictionaryEntry(names[_words[number].Token.Start.._words[number].Token.End], _words[number].Count, IsLabel: false);
        }
    }

    /// <summary>Makes a line's tokens, looked up, out of the numbers of its words; they stand in <see cref="Names"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(ReadOnlySpan<int> numbers, FastTextDictionary dictionary, LineTokens tokens, Action? check = null)
    {
        int[] ids = IdsIn(dictionary, check);
        var polling = new Polling(check);
        ReadOnlySpan<CountedWord> words = All;
        tokens.Clear();
        foreach (int number in numbers)
        {
            polling.Turn();
            tokens.Add(words[number].Token, ids[number]);
        }
    }

    // Each word is looked up once, not each occurrence.
    private int[] IdsIn(FastTextDictionary dictionary, Action? check)
    {
        lock (_gate)
        {
            if (_ids is null)
            {
                var polling = new Polling(check);
                int[] ids = new int[_words.Count];
                for (int number = 0; number < ids.Length; number++)
                {
                    polling.Turn();
                    ids[number] = dictionary.Find(_words[number].Token.Of(Names), _words[number].Token.Hash);
                }

                _ids = ids;
            }

            return _ids;
        }
    }
}

/// <summary>A word, and how often it came.</summary>
internal record struct CountedWord
{
    public Token Token;
    public long Count;
}
