using System.Text;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.WordPieces;

/// <summary>The pieces of words that a model knows, by number. A piece that goes on a word has "##" before it. Immutable.</summary>
internal sealed class WordPieceVocabulary : IModelPart<WordPieceVocabulary>
{
    /// <summary>What stands before a piece that goes on a word.</summary>
    public const string Continuation = "##";

    /// <summary>The names of the pieces that are no text: of the padding, of an unknown word, of a text's beginning and end, and of a masked piece.</summary>
    public const string PaddingName = "[PAD]", UnknownName = "[UNK]", ClassificationName = "[CLS]", SeparatorName = "[SEP]", MaskName = "[MASK]";

    private const int LongestPiece = 1000;

    private readonly string[] _pieces;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <param name="pieces">The pieces, each once, with the marks that must be there.</param>
    /// <exception cref="ArgumentException">A piece is empty or there twice, or a mark is missing.</exception>
    public WordPieceVocabulary(IReadOnlyList<string> pieces)
    {
        _pieces = [.. pieces];
        _ids = new Dictionary<string, int>(_pieces.Length, StringComparer.Ordinal);
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int id = 0; id < _pieces.Length; id++)
        {
            if (FindFault(_pieces[id]) is { } fault)
                throw new ArgumentException(fault);
            if (!_ids.TryAdd(_pieces[id], id))
                throw new ArgumentException($"The piece '{_pieces[id]}' is there twice, as number {_ids[_pieces[id]]} and as number {id}.");
        }

        Padding = Find(PaddingName);
        Unknown = Required(UnknownName);
        Classification = Required(ClassificationName);
        Separator = Required(SeparatorName);
        Mask = Find(MaskName);
        Trie = new WordPieceTrie(_pieces);
    }

    /// <summary>V, how many pieces there are.</summary>
    public int Count => _pieces.Length;

    /// <summary>The pieces in the order of their numbers.</summary>
    public IReadOnlyList<string> Pieces => _pieces;

    /// <summary>The number of [PAD]; -1 if there is none.</summary>
    public int Padding { get; }

    /// <summary>The number of [UNK].</summary>
    public int Unknown { get; }

    /// <summary>The number of [CLS].</summary>
    public int Classification { get; }

    /// <summary>The number of [SEP].</summary>
    public int Separator { get; }

    /// <summary>The number of [MASK]; -1 if there is none.</summary>
    public int Mask { get; }

    /// <summary>Whether pieces that are no marks have capital letters that could be small; ℝ could not.</summary>
    public bool HasCapitals => _pieces.Any(
        piece => !piece.StartsWith('[') && piece.EnumerateRunes().Any(character => CharacterForms.ToSmall(character.Value) != character.Value));

    /// <summary>Finds the longest piece at the beginning of a text.</summary>
    public WordPieceTrie Trie { get; }

    /// <summary>The piece of a number.</summary>
    public string this[int id] => _pieces[id];

    /// <summary>Whether there is a piece, with the "##" of one that goes on a word.</summary>
    public bool TryGetId(ReadOnlySpan<char> piece, out int id) => _lookup.TryGetValue(piece, out id);

    /// <summary>Whether a piece is one of the marks, which no text has.</summary>
    public bool IsMark(int id) => id == Padding || id == Unknown || id == Classification || id == Separator || id == Mask;

    /// <summary>Reads a file with a piece on each line, as <c>vocab.txt</c> of published models.</summary>
    /// <exception cref="FormatException">It is no such file; the message names the line.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static WordPieceVocabulary Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] start = new byte[FileKind.Start];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        string rule = "a vocabulary is text in UTF-8 with a piece on each line, as vocab.txt of a published model";
        if (FileKind.Of(start.AsSpan(0, read)) is { } kind)
            throw new FormatException($"'{path}' is no vocabulary: it is {kind}; {rule}.");
        if (start.AsSpan(0, read).Contains((byte)0))
            throw new FormatException($"'{path}' is no vocabulary: it has bytes that no text has; {rule}.");
        file.Position = 0;
        using var lines = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var pieces = new List<string>();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        try
        {
            while (ReadLine(lines, path, pieces.Count + 1) is { } line)
            {
                string place = $"'{path}', line {pieces.Count + 1}";
                if (line.Length == 0)
                    throw new FormatException($"{place} is empty, but must have a piece: the number of a line is the number of its piece.");
                if (!numbers.TryAdd(line, pieces.Count + 1))
                    throw new FormatException($"{place} has the piece '{line}', which line {numbers[line]} has too; each must be there once.");
                pieces.Add(line);
            }

            return new WordPieceVocabulary(pieces);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException($"'{path}', at or after line {pieces.Count + 1}, has bytes that are not UTF-8; {rule}.");
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"'{path}' is no vocabulary of {pieces.Count} pieces: {exception.Message}", exception);
        }
    }

    /// <summary>Writes what <see cref="Load"/> reads.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => WholeFile.WriteBytes(path, file =>
    {
        using var lines = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (string piece in _pieces)
            lines.WriteLine(piece);
    });

    public void Write(ModelWriter writer, string block)
    {
        byte[][] pieces = [.. _pieces.Select(Encoding.UTF8.GetBytes)];
        writer.Write<int>($"{block}.lengths", Array.ConvertAll(pieces, piece => piece.Length), pieces.Length);
        byte[] all = [.. pieces.SelectMany(piece => piece)];
        writer.Write<byte>($"{block}.pieces", all, all.Length);
    }

    /// <exception cref="FormatException">The blocks are missing or do not hold pieces.</exception>
    public static WordPieceVocabulary Read(ModelReader reader, string block)
    {
        int[] lengths = reader.Read<int>($"{block}.lengths", -1);
        byte[] all = reader.Read<byte>($"{block}.pieces", -1);
        if (lengths.Any(length => length < 0) || lengths.Sum(length => (long)length) != all.Length)
            throw new FormatException($"Block '{block}.lengths' does not fit '{block}.pieces'.");
        string[] pieces = new string[lengths.Length];
        int start = 0;
        for (int i = 0; i < pieces.Length; start += lengths[i++])
            pieces[i] = Encoding.UTF8.GetString(all, start, lengths[i]);
        try
        {
            return new WordPieceVocabulary(pieces);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"Block '{block}.pieces' holds no vocabulary: {exception.Message}", exception);
        }
    }

    // A line of any length would take memory without bound.
    private static string? ReadLine(StreamReader reader, string path, int number)
    {
        var line = new StringBuilder();
        int next;
        while ((next = reader.Read()) >= 0 && next != '\n')
        {
            if (line.Length == LongestPiece)
                throw new FormatException($"'{path}', line {number} has more than {LongestPiece} characters; a piece of a word is shorter.");
            line.Append((char)next);
        }

        if (line.Length > 0 && line[^1] == '\r')
            line.Length--;
        return next < 0 && line.Length == 0 ? null : line.ToString();
    }

    private static string? FindFault(string piece) => piece.Length switch
    {
        0 => "A piece is empty.",
        > LongestPiece => $"A piece has {piece.Length} characters; at most {LongestPiece} are possible.",
        _ when piece.AsSpan().ContainsAny('\n', '\r') => "A piece has the end of a line in it.",
        _ => null,
    };

    private int Find(string name) => _ids.GetValueOrDefault(name, -1);

    private int Required(string name) => _ids.TryGetValue(name, out int id) ? id : throw new ArgumentException($"It has no piece {name}.");
}
