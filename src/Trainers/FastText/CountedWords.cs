using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    public IEnumerable<DictionaryEntry> Entries()
    {
        ReadOnlyMemory<byte> names = _names.WrittenMemory;
        return Enumerable.Range(0, Count).OrderByDescending(number => _words[number].Count)
            .Select(number => new DictionaryEntry(names[_words[number].Token.Start.._words[number].Token.End], _words[number].Count, IsLabel: false));
    }

    /// <summary>Makes a line's tokens, looked up, out of the numbers of its words; they stand in <see cref="Names"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(ReadOnlySpan<int> numbers, FastTextDictionary dictionary, LineTokens tokens)
    {
        int[] ids = IdsIn(dictionary);
        ReadOnlySpan<CountedWord> words = All;
        tokens.Clear();
        foreach (int number in numbers)
            tokens.Add(words[number].Token, ids[number]);
    }

    // Each word is looked up once, not each occurrence.
    private int[] IdsIn(FastTextDictionary dictionary)
    {
        lock (_gate)
        {
            if (_ids is null)
            {
                _ids = new int[_words.Count];
                for (int number = 0; number < _ids.Length; number++)
                    _ids[number] = dictionary.Find(_words[number].Token.Of(Names), _words[number].Token.Hash);
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
