using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.FastText;

/// <summary>
/// Gives the lines of a view several times over, block by block; workers take turns. A text that is not too long is read once and remembered as what its lines
/// were parsed into.
/// </summary>
/// <param name="corpus">The rows.</param>
/// <param name="passes">How often they are wanted, counting included.</param>
/// <param name="mostRemembered">The longest text that is remembered, in bytes of UTF-8 with some for each line. As words it takes about as much.</param>
/// <param name="hashes">Whether the rows of the first pass are told from others by a <see cref="Hash"/>.</param>
internal sealed class CorpusReader(Corpus corpus, long passes, long mostRemembered = CorpusReader.MostRemembered, bool hashes = false) : IDisposable
{
    private const long MostRemembered = 64 << 20;
    private const int BytesOfALine = 16;

    private readonly Lock _gate = new();
    private readonly XxHash64 _hash = new();
    private List<CorpusBlock>? _remembered = passes > 1 ? [] : null;
    private long _rememberedBytes;
    private DataViewRowCursor? _cursor;
    private TextInput? _text;
    private KeyInput? _labels;
    private bool _isAtEnd;
    private long _pass;
    private int _next;
    private long _row;

    /// <summary>Counts the words and the labels of all rows: the first pass.</summary>
    /// <param name="labelCounts">Receives how often each label occurs, in the order of the keys.</param>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public Vocabulary Count(Span<long> labelCounts)
    {
        var counter = new VocabularyCounter(check: Check);
        var own = new CorpusBlock();
        List<int> room = [];
        long rows = 0, unlabelledRows = 0, labels = 0;
        Check();
        while (Next(own, lastPass: 1) is { } block)
        {
            Check();
            rows += block.Count;
            block.CountWords(counter, room, Check);
            for (int line = 0; line < block.Count; line++)
            {
                counter.Add(FastTextDictionary.EndOfSentenceToken, FastTextDictionary.EndOfSentenceHash);
                ReadOnlySpan<int> lineLabels = block.Labels(line);
                foreach (int label in lineLabels)
                    labelCounts[label]++;
                labels += lineLabels.Length;
                if (lineLabels.IsEmpty)
                    unlabelledRows++;
            }
        }

        return rows > 0
            ? new Vocabulary(counter, corpus.TextColumn, unlabelledRows, counter.TokenCount + labels)
            : throw new InvalidOperationException($"There are no rows to learn from: column '{corpus.TextColumn}' is empty.");
    }

    /// <summary>A number that other rows have hardly ever, after the first pass.</summary>
    public ulong Hash => _hash.GetCurrentHashAsUInt64();

    /// <summary>The hash of rows.</summary>
    public static ulong HashOf(Corpus corpus)
    {
        using var reader = new CorpusReader(corpus, passes: 1, hashes: true);
        var own = new CorpusBlock();
        while (reader.Next(own) is not null)
            reader.Check();
        return reader.Hash;
    }

    /// <summary>Passes that are done, counting included.</summary>
    public long Passes => _pass;

    /// <summary>Leaves out passes that a training had done before it was interrupted.</summary>
    public void Skip(long count) => _pass += count;

    /// <summary>The next lines; null if none are left.</summary>
    /// <param name="own">The worker's own block, which they may be read into.</param>
    public CorpusBlock? Next(CorpusBlock own) => Next(own, passes);

    /// <summary>The next lines of the passes up to one; null if none of them are left.</summary>
    /// <param name="own">The worker's own block, which they may be read into.</param>
    /// <param name="lastPass">How many passes are done then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public CorpusBlock? Next(CorpusBlock own, long lastPass)
    {
        lock (_gate)
        {
            while (_pass < lastPass)
            {
                if (_pass > 0 && _remembered is not null)
                {
                    if (_next < _remembered.Count)
                        return _remembered[_next++];
                }
                else if (Read(own) is { } block)
                {
                    return block;
                }

                Dispose();
                _pass++;
                _next = 0;
            }

            return null;
        }
    }

    public void Dispose()
    {
        _cursor?.Dispose();
        _cursor = null;
    }

    private CorpusBlock? Read(CorpusBlock own)
    {
        if (_cursor is null)
            Open();
        CorpusBlock block = _remembered is null ? own : new CorpusBlock(isKept: true);
        block.Clear();
        while (!block.IsFull && MoveNext())
        {
            Check();
            _text!.Append(block.Text);
            block.EndLine(_labels is null ? [] : _labels.Read());
        }

        if (block.Count == 0)
            return null;
        if (hashes && _pass == 0)
            Append(block);
        _rememberedBytes += block.Text.Bytes.Length + (BytesOfALine * block.Count);
        _remembered = _rememberedBytes <= mostRemembered ? _remembered : null;
        _remembered?.Add(block);
        return block;
    }

    private void Append(CorpusBlock block)
    {
        _hash.Append(block.Text.Bytes);
        for (int line = 0; line < block.Count; line++)
        {
            ReadOnlySpan<int> end = [block.EndOf(line)];
            _hash.Append(MemoryMarshal.AsBytes(end));
            _hash.Append(MemoryMarshal.AsBytes(block.Labels(line)));
        }
    }

    private void Check() => Host.ThrowIfCanceled(corpus.Environment);

    private bool MoveNext()
    {
        if (_isAtEnd)
            return false;
        _isAtEnd = true;  // and so it stays if the rows throw
        do
        {
            if (!_cursor!.MoveNext())
                return false;
        }
        while (corpus.Leaves?.Invoke(_row++) == true);
        _isAtEnd = false;
        return true;
    }

    private void Open()
    {
        _isAtEnd = false;
        _row = 0;
        string[] names = corpus.LabelColumn is null ? [corpus.TextColumn] : [corpus.TextColumn, corpus.LabelColumn];
        _cursor = corpus.Data.GetRowCursor(names.Select(name => corpus.Data.Schema[name]));
        _text = TextInput.Create(_cursor, corpus.TextColumn);
        _labels = corpus.Labels?.Reader(_cursor);
    }
}
