using System.Runtime.InteropServices;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Bert;

/// <summary>Reads texts for the network: [CLS] A [SEP], or [CLS] A [SEP] B [SEP] for a pair.</summary>
/// <remarks>What is too long is cut at the back, of a pair the longer text first. Memory is kept from batch to batch. One thread at a time.</remarks>
internal sealed class BertTexts(BertModel model)
{
    private readonly WordPieceTokenizer _tokenizer = new(model.Vocabulary, model.Rules);
    private readonly List<WordPiece> _first = [];
    private readonly List<WordPiece> _second = [];
    private readonly List<int> _words = [];
    private readonly List<int> _firstWords = [];
    private readonly int[] _pieces = new int[model.MaxLength];
    private long _read;

    /// <summary>What was read since <see cref="Clear"/>.</summary>
    public BertBatch Batch { get; } = new();

    /// <summary>Texts that were too long, all in all.</summary>
    public long Cut { get; private set; }

    /// <summary>The pieces of the text that was read last, or of the first one of a pair, as far as they are read: piece i is at place 1 + i.</summary>
    public IReadOnlyList<WordPiece> FirstPieces => _first;

    /// <summary>The pieces of the second text of the pair that was read last: piece i is at place <see cref="BertBatch.Second"/> + i.</summary>
    public IReadOnlyList<WordPiece> SecondPieces => _second;

    /// <summary>Forgets the texts, not how many were cut.</summary>
    public void Clear()
    {
        Batch.Clear();
        _words.Clear();
        _firstWords.Clear();
    }

    /// <summary>Says how many texts were too long, if any was.</summary>
    /// <param name="warn">Says it.</param>
    /// <param name="column">The column that they came from.</param>
    public void ReportCut(Action<string> warn, string column)
    {
        if (Cut > 0)
        {
            warn(FormattableString.Invariant(
                $"{Cut} of {_read} texts in column '{column}' have more than {model.MaxLength} pieces: what is beyond was not read."));
        }
    }

    /// <summary>Reads a text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        Begin();
        _tokenizer.Tokenize(text, _first);
        End(isPair: false);
    }

    /// <summary>Reads a pair.</summary>
    public void Add(ReadOnlySpan<char> text, ReadOnlySpan<char> second)
    {
        Begin();
        _tokenizer.Tokenize(text, _first);
        _tokenizer.Tokenize(second, _second);
        End(isPair: true);
    }

    /// <summary>Reads a text of which some parts are words: their pieces can then be found.</summary>
    /// <param name="text">The text.</param>
    /// <param name="words">Where the words begin in it, in their order. A word's pieces are those from its beginning to that of the next.</param>
    public void AddWithWords(ReadOnlySpan<char> text, ReadOnlySpan<int> words)
    {
        Begin();
        _tokenizer.Tokenize(text, _first);
        _firstWords.Add(_words.Count);
        int piece = 0;
        foreach (int word in words)
        {
            while (piece < _first.Count && _first[piece].Start < word)
                piece++;
            _words.Add(piece);
        }

        EndWords();
    }

    /// <summary>Reads words. One that has no pieces, as one of control characters alone, is unknown.</summary>
    public void AddWords(IReadOnlyList<ReadOnlyMemory<char>> words)
    {
        Begin();
        _firstWords.Add(_words.Count);
        foreach (ReadOnlyMemory<char> word in words)
        {
            int piece = _first.Count;
            _words.Add(piece);
            _tokenizer.Tokenize(word.Span, _first);
            if (_first.Count == piece)
                _first.Add(new WordPiece(model.Vocabulary.Unknown, 0, word.Length, BeginsWord: true));
        }

        EndWords();
    }

    /// <summary>How many words a text has that was read with its words.</summary>
    /// <param name="text">Its number, where all of the batch were read so.</param>
    public int Words(int text) => (text + 1 < _firstWords.Count ? _firstWords[text + 1] : _words.Count) - _firstWords[text] - 1;

    /// <summary>The places of a word's pieces in its text; none where the text was cut before it.</summary>
    /// <param name="text">The number of the text.</param>
    /// <param name="word">The number of the word.</param>
    public (int First, int End) PlacesOf(int text, int word)
    {
        int place = _firstWords[text] + word;
        return (1 + _words[place], 1 + _words[place + 1]);
    }

    private void Begin()
    {
        _read++;
        _first.Clear();
        _second.Clear();
    }

    private void EndWords()
    {
        _words.Add(_first.Count);
        End(isPair: false);
        // Words that were cut have their places at the end, where no piece is.
        Span<int> places = CollectionsMarshal.AsSpan(_words)[_firstWords[^1]..];
        foreach (ref int place in places)
            place = Math.Min(place, _first.Count);
    }

    private void End(bool isPair)
    {
        int most = model.MaxLength - (isPair ? 3 : 2), first = _first.Count, second = _second.Count;
        if (first + second > most)
        {
            Cut++;
            // As if pieces were taken away one by one, from the text that is longer then.
            first = Math.Min(first, Math.Max(most - second, (most + 1) / 2));
            second = Math.Min(second, most - first);
            CollectionsMarshal.SetCount(_first, first);
            CollectionsMarshal.SetCount(_second, second);
        }

        int count = 0;
        Put(model.Vocabulary.Classification);
        foreach (WordPiece piece in _first)
            Put(piece.Id);
        Put(model.Vocabulary.Separator);
        int begin = count;
        foreach (WordPiece piece in _second)
            Put(piece.Id);
        if (isPair)
            Put(model.Vocabulary.Separator);
        Batch.Add(_pieces.AsSpan(0, count), isPair && model.Architecture.Segments > 1 ? begin : count);

        void Put(int piece) => _pieces[count++] = piece;
    }
}
