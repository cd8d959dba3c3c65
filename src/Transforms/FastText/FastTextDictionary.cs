using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using MLNet.Papers.Interop;

namespace MLNet.Papers.FastText;

/// <summary>The words and labels of a model, and which rows of the input belong to a word. Immutable.</summary>
/// <remarks>The entry id of a word is its row; labels come after the words.</remarks>
internal sealed class FastTextDictionary
{
    // The rows of a word that has more n-grams are found when they are needed: a file of long words would take many times its own size of memory.
    private const int MostRowsHeld = 512;
    private const int NotHeld = -1;

    private readonly FastTextArguments _arguments;
    private readonly byte[] _names;
    private readonly int[] _nameStarts;
    private readonly long[] _counts;
    private readonly Slot[] _slots;
    private readonly int[] _rows;
    private readonly int[] _rowStarts;
    private readonly PrunedBuckets? _prunedRows;
    private readonly int[]? _named;
    private CrowdedNames? _crowded;

    /// <param name="entries">Words first, then labels, in the order of their ids.</param>
    /// <param name="tokenCount">All tokens of the training text, also those of words that are not in the dictionary.</param>
    /// <param name="arguments">The model's settings.</param>
    /// <param name="pruned">The buckets that pruning left, in the order of the file, or null if the model was not pruned.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    /// <exception cref="InvalidOperationException">A label stands before a word, or the names or rows are more than an array can hold.</exception>
    public FastTextDictionary(
        IReadOnlyList<DictionaryEntry> entries, long tokenCount, FastTextArguments arguments, IReadOnlyList<PrunedBucket>? pruned = null, Action? check = null)
    {
        var polling = new Polling(check);
        _arguments = arguments;
        TokenCount = tokenCount;
        Pruned = pruned;
        _prunedRows = pruned is null ? null : new PrunedBuckets(pruned);
        _nameStarts = new int[entries.Count + 1];
        _counts = new long[entries.Count];
        long bytes = 0;
        for (int id = 0; id < entries.Count; id++)
            bytes += entries[id].Name.Length;
        if (bytes >= Array.MaxLength)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"The names of the dictionary have {bytes} bytes; at most {Array.MaxLength - 1} are possible. Raise MinCount."));
        }

        // One byte more, so that an empty name at the end begins within.
        _names = new byte[bytes + 1];
        for (int id = 0; id < entries.Count; id++)
        {
            polling.Turn();
            DictionaryEntry entry = entries[id];
            if (!entry.IsLabel && LabelCount > 0)
                throw new InvalidOperationException($"Entry {id} of the dictionary is a word, but stands after a label.");
            _ = entry.IsLabel ? LabelCount++ : WordCount++;
            entry.Name.Span.CopyTo(_names.AsSpan(_nameStarts[id]));
            _nameStarts[id + 1] = _nameStarts[id] + entry.Name.Length;
            _counts[id] = entry.Count;
        }

        List<int> repeated = [];
        _slots = CreateSlots(repeated, ref polling);
        _named = NamedWords(repeated, ref polling);
        EndOfSentence = FindWord(EndOfSentenceToken);
        (_rows, _rowStarts) = CreateRows(ref polling);
    }

    /// <summary>The token at the end of every line.</summary>
    public static ReadOnlySpan<byte> EndOfSentenceToken => "</s>"u8;

    /// <summary>Its <see cref="SubwordHash"/>.</summary>
    public static uint EndOfSentenceHash { get; } = SubwordHash.Of(EndOfSentenceToken);

    /// <summary>What the name of a label begins with.</summary>
    public static ReadOnlySpan<byte> LabelPrefix => "__label__"u8;

    public int WordCount { get; }

    public int LabelCount { get; }

    /// <summary>How many words a text can name: all but those whose bytes are no UTF-8, and those that a later entry has the name of.</summary>
    public int NamedCount => _named?.Length ?? WordCount;

    public long TokenCount { get; }

    public bool IsPruned => Pruned is not null;

    /// <summary>The buckets that pruning left, in the order of the file; null if the model was not pruned.</summary>
    public IReadOnlyList<PrunedBucket>? Pruned { get; }

    /// <summary>The id of the word "&lt;/s&gt;", or -1 if there is none.</summary>
    public int EndOfSentence { get; }

    /// <summary>The id of a word or label, -1 if it is unknown.</summary>
    public int Find(ReadOnlySpan<byte> utf8) => Find(utf8, SubwordHash.Of(utf8));

    /// <summary>The same where the hash is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<byte> utf8, uint hash)
    {
        Slot[] slots = _slots;
        uint mask = (uint)slots.Length - 1;
        uint place = hash & mask;
        for (int search = 0; search < CrowdedNames.LongestSearch; search++)
        {
            Slot slot = slots[place];
            if (slot.Entry == 0)
                return -1;
            if (slot.Hash == hash && slot.Length == utf8.Length && _names.AsSpan(slot.Start, slot.Length).SequenceEqual(utf8))
                return slot.Entry - 1;
            place = (place + 1) & mask;
        }

        return _crowded?.Find(utf8) ?? -1;
    }

    /// <summary>The id of a word, -1 if it is unknown or a label.</summary>
    public int FindWord(ReadOnlySpan<byte> utf8)
    {
        int id = Find(utf8);
        return id < WordCount ? id : -1;
    }

    public ReadOnlySpan<byte> Name(int id) => _names.AsSpan(_nameStarts[id], _nameStarts[id + 1] - _nameStarts[id]);

    /// <summary>The name as a text.</summary>
    public string NameText(int id) => Encoding.UTF8.GetString(Name(id));

    /// <summary>The id of one of the words that a text can name, in the order of their ids.</summary>
    public int NamedId(int index) => _named?[index] ?? index;

    /// <summary>Whether a text can name a word.</summary>
    public bool IsNamed(int wordId) => _named is null || Array.BinarySearch(_named, wordId) >= 0;

    public long Count(int id) => _counts[id];

    /// <summary>A word or label as it was given.</summary>
    public DictionaryEntry Entry(int id) => new(Name(id).ToArray(), Count(id), id >= WordCount);

    /// <summary>How often each word occurred, or each label.</summary>
    public ReadOnlySpan<long> Counts(bool ofLabels) => ofLabels ? _counts.AsSpan(WordCount) : _counts.AsSpan(0, WordCount);

    /// <summary>The rows of a word: its own and those of its n-grams.</summary>
    public ReadOnlySpan<int> Rows(int wordId) => HoldsRows(wordId) ? _rows.AsSpan(_rowStarts[wordId].._rowStarts[wordId + 1]) : FindRows(wordId);

    /// <summary>Whether the rows of a word are at hand. They are not if it is very long.</summary>
    public bool HoldsRows(int wordId) => _rowStarts[wordId] < _rowStarts[wordId + 1];

    /// <summary>The row of a bucket, or -1 if pruning dropped it.</summary>
    /// <param name="bucketId">The bucket, from 0.</param>
    public int NgramRow(uint bucketId)
    {
        int row = _prunedRows is null ? (int)bucketId : _prunedRows.Find((int)bucketId);
        return row >= 0 ? WordCount + row : -1;
    }

    /// <summary>Adds the rows of the n-grams of any word, without its own row; the end of a sentence has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AppendSubwords(ReadOnlySpan<byte> word, List<int> rows)
    {
        if (!HasSubwords(word))
            return;
        byte[]? rented = word.Length > 254 ? ArrayPool<byte>.Shared.Rent(word.Length + 2) : null;
        Span<byte> buffer = rented ?? stackalloc byte[256];
        var subwords = new SubwordEnumerator(SubwordEnumerator.Bracket(word, buffer), _arguments.MinNgramLength, _arguments.MaxNgramLength);
        AppendRows(ref subwords, rows, int.MaxValue);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Adds up the rows of the n-grams of any word, without its own row.</summary>
    /// <param name="word">The word.</param>
    /// <param name="matrix">The rows.</param>
    /// <param name="sum">What they are added to.</param>
    /// <param name="room">Room for some of them.</param>
    /// <returns>How many they are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long AddSubwords(ReadOnlySpan<byte> word, EmbeddingMatrix matrix, Span<float> sum, List<int> room)
    {
        if (!HasSubwords(word))
            return 0;
        byte[]? rented = word.Length > 254 ? ArrayPool<byte>.Shared.Rent(word.Length + 2) : null;
        Span<byte> buffer = rented ?? stackalloc byte[256];
        var subwords = new SubwordEnumerator(SubwordEnumerator.Bracket(word, buffer), _arguments.MinNgramLength, _arguments.MaxNgramLength);
        long count = 0;
        bool isMore = true;
        while (isMore)
        {
            room.Clear();
            isMore = AppendRows(ref subwords, room, MostRowsHeld);
            matrix.AddRows(CollectionsMarshal.AsSpan(room), sum);
            count += room.Count;
        }

        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return count;
    }

    /// <summary>Cuts a line into tokens and looks them up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(ReadOnlySpan<byte> text, LineTokens tokens, Action? check = null)
    {
        tokens.Clear();
        var polling = new Polling(check);
        var token = new TokenEnumerator(text);
        while (token.MoveNext())
        {
            polling.Turn();
            tokens.Add(token.Token, -1);
        }

        Find(text, tokens.All, tokens.Ids);
    }

    /// <summary>
    /// Adds the rows of a classifier's line: those of its words, of the end of the sentence and of its word n-grams. Labels in the text are passed over, and
    /// where the end of a sentence is written out the line ends, as in the reference program.
    /// </summary>
    /// <param name="text">The line without its end.</param>
    /// <param name="rows">Where the rows are added.</param>
    /// <param name="tokens">Room for the tokens.</param>
    /// <returns>The number of tokens, with the end of the sentence.</returns>
    public int AppendLine(ReadOnlySpan<byte> text, List<int> rows, LineTokens tokens)
    {
        Read(text, tokens);
        return AppendLine(text, tokens, rows, null);
    }

    /// <summary>The same for tokens that have been looked up; of the words that it knows it may add their ids alone, to a list of their own.</summary>
    /// <param name="names">What the tokens stand in.</param>
    /// <param name="tokens">The line.</param>
    /// <param name="rows">Where the rows are added.</param>
    /// <param name="words">Where the ids are added, or null.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    /// <returns>The number of tokens, with the end of the sentence.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int AppendLine(ReadOnlySpan<byte> names, LineTokens tokens, List<int> rows, List<int>? words, Action? check = null)
    {
        var polling = new Polling(check);
        for (int i = 0; i < tokens.Count; i++)
        {
            polling.Turn();
            Token token = tokens.All[i];
            if (token.Hash == EndOfSentenceHash && token.Of(names).SequenceEqual(EndOfSentenceToken))
                break;
            AppendWord(token.Of(names), tokens.Ids[i], token.Hash, rows, tokens.Hashes, words);
        }

        AppendWord(EndOfSentenceToken, EndOfSentence, EndOfSentenceHash, rows, tokens.Hashes, words);
        AppendWordNgrams(CollectionsMarshal.AsSpan(tokens.Hashes), rows, check);
        return tokens.Count + 1;
    }

    /// <summary>Adds the rows of the n-grams of 2 to N words.</summary>
    /// <param name="hashes">The hashes of the line's words, known or not, with the end of the sentence.</param>
    /// <param name="rows">Where the rows are added.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AppendWordNgrams(ReadOnlySpan<int> hashes, List<int> rows, Action? check = null)
    {
        if (!_arguments.HasWordNgrams)
            return;
        var polling = new Polling(check);
        for (int first = 0; first < hashes.Length; first++)
        {
            polling.Turn();
            ulong hash = unchecked((ulong)hashes[first]);
            int end = (int)Math.Min(hashes.Length, (long)first + _arguments.WordNgrams);
            for (int last = first + 1; last < end; last++)
            {
                hash = unchecked((hash * 116049371) + (ulong)hashes[last]);
                int row = NgramRow((uint)(hash % (ulong)_arguments.Buckets));
                if (row >= 0)
                    rows.Add(row);
            }
        }
    }

    // The table and the names are in no near cache: all are asked for before the first is waited for.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Find(ReadOnlySpan<byte> text, ReadOnlySpan<Token> tokens, Span<int> ids)
    {
        Slot[] slots = _slots;
        uint mask = (uint)slots.Length - 1;
        for (int i = 0; i < tokens.Length; i++)
            ids[i] = slots[tokens[i].Hash & mask].Start;
        int letters = 0;
        for (int i = 0; i < tokens.Length; i++)
            letters |= _names[ids[i]];
        for (int i = 0; i < tokens.Length; i++)
            ids[i] = Find(tokens[i].Of(text), tokens[i].Hash);
    }

    private void AppendWord(ReadOnlySpan<byte> token, int id, uint hash, List<int> rows, List<int> hashes, List<int>? words)
    {
        if (id >= WordCount || (id < 0 && token.StartsWith(LabelPrefix)))
            return;
        if (id < 0)
            AppendSubwords(token, rows);
        else if (words is null)
            rows.AddRange(Rows(id));
        else
            words.Add(id);
        hashes.Add(unchecked((int)hash));
    }

    private bool HasSubwords(ReadOnlySpan<byte> word) => _arguments.HasSubwords && !word.SequenceEqual(EndOfSentenceToken);

    // Adds the rows of the next n-grams until there are so many; false if there are no more n-grams.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool AppendRows(ref SubwordEnumerator subwords, List<int> rows, int most)
    {
        while (rows.Count < most)
        {
            if (!subwords.MoveNext())
                return false;
            int row = NgramRow(subwords.Hash % (uint)_arguments.Buckets);
            if (row >= 0)
                rows.Add(row);
        }

        return true;
    }

    private int[] FindRows(int wordId)
    {
        List<int> rows = [wordId];
        AppendSubwords(Name(wordId), rows);
        return [.. rows];
    }

    // A table with at least twice as many slots as entries; of two entries of one name the later one is found, as in the reference program.
    private Slot[] CreateSlots(List<int> repeated, ref Polling polling)
    {
        Slot[] slots = LargeArray.Zeros<Slot>(BitOperations.RoundUpToPowerOf2((uint)Math.Max(_counts.Length, 1) * 2));
        uint mask = (uint)slots.Length - 1;
        for (int id = 0; id < _counts.Length; id++)
        {
            polling.Turn();
            ReadOnlySpan<byte> name = Name(id);
            uint hash = SubwordHash.Of(name);
            uint place = hash & mask;
            int search = 0;
            while (search < CrowdedNames.LongestSearch && slots[place].Entry != 0
                && !(slots[place].Hash == hash && Name(slots[place].Entry - 1).SequenceEqual(name)))
            {
                place = (place + 1) & mask;
                search++;
            }

            bool isCrowded = search == CrowdedNames.LongestSearch;
            int earlier = isCrowded ? (_crowded ??= new CrowdedNames()).Find(name) : slots[place].Entry - 1;
            if (earlier >= 0)
                repeated.Add(earlier);
            if (isCrowded)
                _crowded!.Set(name, id);
            else
                slots[place] = new Slot(hash, id + 1, _nameStarts[id], name.Length);
        }

        return slots;
    }

    // The ids of the words that a text can name; null if these are all.
    private int[]? NamedWords(List<int> repeated, ref Polling polling)
    {
        bool isText = Utf8.IsValid(_names.AsSpan(0, _nameStarts[WordCount]));
        for (int id = 0; isText && id < WordCount; id++)
            isText = !SubwordEnumerator.IsContinuation(_names[_nameStarts[id]]);
        if (isText && repeated.Count == 0)
            return null;
        HashSet<int> hidden = [.. repeated];
        var named = new List<int>();
        for (int id = 0; id < WordCount; id++)
        {
            polling.Turn();
            if (!hidden.Contains(id) && Utf8.IsValid(Name(id)))
                named.Add(id);
        }

        return [.. named];
    }

    private (int[] Rows, int[] Starts) CreateRows(ref Polling polling)
    {
        int[] starts = new int[WordCount + 1];
        if (!_arguments.HasSubwords)
        {
            for (int id = 0; id < starts.Length; id++)
                starts[id] = id;
            return (starts[..WordCount], starts);
        }

        long most = WordCount;
        for (int id = 0; id < WordCount; id++)
        {
            polling.Turn();
            long count = SubwordEnumerator.Count(Name(id), _arguments.MinNgramLength, _arguments.MaxNgramLength);
            bool isHeld = count < MostRowsHeld;
            most += isHeld ? count : -1;
            starts[id + 1] = isHeld ? 0 : NotHeld;
        }

        if (most > Array.MaxLength)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"The words of the dictionary have {most} n-grams; at most {Array.MaxLength} are possible. Raise MinCount, or lower MaxN."));
        }

        int[] all = LargeArray.Uninitialized<int>(most);
        List<int> rows = [];
        for (int id = 0; id < WordCount; id++)
        {
            polling.Turn();
            rows.Clear();
            if (starts[id + 1] != NotHeld)
            {
                rows.Add(id);
                AppendSubwords(Name(id), rows);
            }

            rows.CopyTo(all, starts[id]);
            starts[id + 1] = starts[id] + rows.Count;
        }

        if (_prunedRows is not null)
            Array.Resize(ref all, starts[WordCount]);
        return (all, starts);
    }

    /// <summary>A place of the table: the hash of a name, the id of its entry plus 1, and where the name stands.</summary>
    private readonly record struct Slot(uint Hash, int Entry, int Start, int Length);
}
