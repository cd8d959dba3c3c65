using System.Buffers.Text;
using System.Globalization;
using System.Text;
using static MLNet.Papers.FastText.ByteSource;

namespace MLNet.Papers.FastText;

/// <summary>
/// The text files of word vectors, <c>.vec</c>: a line with the number of words and the dimension, then a line for each word. The first line may be missing, as
/// in those of GloVe, and a byte order mark may stand before all.
/// </summary>
internal static class VectorFile
{
    private const int LongestHeader = 64;
    private const int HighestDimension = 1 << 16;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> Separators => " \t"u8;

    private static ReadOnlySpan<byte> Blanks => " \t\r"u8;

    /// <summary>What a file begins with, which is taken from the source; null if it is no file of word vectors.</summary>
    public static VectorFileHead? HeadOf(ByteSource source)
    {
        ReadOnlySpan<byte> start = source.Peek(LongestHeader);
        int mark = start.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        int end = start.IndexOf((byte)'\n');
        if (end >= 0 && TryParseHeader(start[mark..end], out long words, out int dimension))
        {
            source.Skip(end + 1);
            return new VectorFileHead(words, dimension, 2);
        }

        dimension = start.StartsWith(ModelFileReader.MagicBytes) ? 0 : DimensionOf(source.Peek(ByteSource.BufferSize)[mark..]);
        if (dimension == 0)
            return null;
        source.Skip(mark);
        return new VectorFileHead(null, dimension, 1);
    }

    /// <summary>Reads a file behind its head. The model has word vectors and nothing else: no n-grams and no output.</summary>
    /// <exception cref="FormatException">The bytes are not such a file.</exception>
    public static FastTextModel Read(ByteSource source, VectorFileHead head)
    {
        (long? claimed, int dimension, int firstLine) = head;
        // A value has at least two bytes: a digit and a space.
        source.Require(claimed ?? 0, 2L * dimension, "number of words in line 1");
        if (claimed * dimension > Array.MaxLength)
            throw Invalid("line 1", $"claims {claimed} words of {dimension} values; at most {Array.MaxLength} values are possible");
        var entries = new List<DictionaryEntry>();
        float[] values = new float[Math.Min(claimed ?? long.MaxValue, Math.Max(1, (1 << 16) / dimension)) * dimension];
        int wordsOfNumbers = 0;
        for (int word = 0; claimed is null || word < claimed; word++)
        {
            int number = word + firstLine;
            ReadOnlySpan<byte> line = source.ReadUntil((byte)'\n');
            if (claimed is null && IsBlank(line))
            {
                RequireEnd(source, number);
                break;
            }

            if (line.IsEmpty)
                throw Invalid($"line {number}", $"is missing, but line 1 claims {claimed} words");
            long length = (word + 1L) * dimension;
            if (length > Array.MaxLength)
                throw Invalid($"line {number}", $"is one too many: at most {Array.MaxLength} values are possible");
            if (length > values.Length)
                Array.Resize(ref values, (int)Math.Min(claimed * dimension ?? Array.MaxLength, 2L * values.Length));
            ReadOnlySpan<byte> name = ParseLine(line, values.AsSpan(word * dimension, dimension), number);
            if (name.Contains((byte)0))
                throw Invalid($"line {number}", "has the character NUL in its word");
            entries.Add(new DictionaryEntry(name.ToArray(), 1, IsLabel: false));
            if (wordsOfNumbers == word && ValuesAtTheEnd(name) > 0)
                wordsOfNumbers++;
        }

        // A word may end with a number, but not all do.
        if (wordsOfNumbers > 0 && wordsOfNumbers == entries.Count)
            throw Invalid($"line {firstLine}", $"has more than the {dimension} values that the first line promises, and so have all others");
        if (claimed is not null && source.ReadUntil((byte)'\n') is { } more && !IsBlank(more))
            throw Invalid($"line {claimed + 2}", "is one more than line 1 claims");
        return ModelOf(entries, values, dimension, source.Check);
    }

    /// <summary>A model of word vectors and nothing else.</summary>
    /// <param name="words">The words.</param>
    /// <param name="values">Their vectors, one after the other.</param>
    /// <param name="dimension">The length of a vector.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public static FastTextModel ModelOf(IReadOnlyList<DictionaryEntry> words, float[] values, int dimension, Action? check = null)
    {
        FastTextArguments arguments = Arguments(dimension);
        return new FastTextModel(
            arguments, new FastTextDictionary(words, words.Count, arguments, check: check), new DenseMatrix(values, words.Count, dimension), output: null);
    }

    /// <summary>Writes the vector of every word that a text can name, with five significant digits.</summary>
    /// <exception cref="InvalidOperationException">A line cannot hold a word.</exception>
    public static void Write(FastTextModel model, Stream stream)
    {
        FastTextDictionary dictionary = model.Dictionary;
        int words = dictionary.NamedCount;
        for (int word = 0; word < words; word++)
            RequireWritable(dictionary, dictionary.NamedId(word));
        var writer = new BufferedStream(stream, 1 << 16);
        writer.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{words} {model.Dimension}\n")));
        float[] vector = new float[model.Dimension];
        List<int> room = [];
        Span<byte> number = stackalloc byte[32];
        for (int word = 0; word < words; word++)
        {
            int id = dictionary.NamedId(word);
            model.WordVector(id, vector, room);
            writer.Write(dictionary.Name(id));
            writer.WriteByte((byte)' ');
            foreach (float value in vector)
            {
                ((double)value).TryFormat(number, out int length, "g5", CultureInfo.InvariantCulture);
                number[length++] = (byte)' ';
                writer.Write(number[..length]);
            }

            writer.WriteByte((byte)'\n');
        }

        writer.Flush();
    }

    private static void RequireWritable(FastTextDictionary dictionary, int id)
    {
        ReadOnlySpan<byte> name = dictionary.Name(id);
        if (name.Contains((byte)'\n') || name.Trim(" \t"u8).Length < name.Length)
        {
            throw new InvalidOperationException(
                $"A .vec file cannot hold the word '{dictionary.NameText(id)}', which has a line end, or white space at an end. " +
                "Save the model as .bin, or as .ftz if it is quantised.");
        }
    }

    // The word of a line, whose values are parsed.
    private static ReadOnlySpan<byte> ParseLine(ReadOnlySpan<byte> line, Span<float> values, int number)
    {
        int length = line.IndexOfAny(Separators);
        if (length > 0 && ParseValues(line[length..], values) == values.Length)
            return line[..length];
        // Words may have spaces within: the values are counted from the end.
        int end = StartOfLast(line, values.Length);
        if (end < 0)
            throw Invalid($"line {number}", $"must be a word, a space and {values.Length} finite values");
        int parsed = ParseValues(line[end..], values);
        return parsed == values.Length ? line[..end]
            .Trim(Separators) : throw Invalid($"line {number}", $"must end with {values.Length} finite values, but has {(parsed < 0 ? "more" : parsed)}");
    }

    // How many values stand one after the other; -1 if there are more than are wanted.
    private static int ParseValues(ReadOnlySpan<byte> text, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            text = text.TrimStart(Separators);
            if (!TryParseValue(text, out float value, out int length))
                return i;
            values[i] = value;
            text = text[length..];
        }

        return text.IndexOfAnyExcept(Blanks) < 0 ? values.Length : -1;
    }

    private static bool TryParseValue(ReadOnlySpan<byte> text, out float value, out int length) =>
        Utf8Parser.TryParse(text, out value, out length) && (length == text.Length || Blanks.Contains(text[length])) && float.IsFinite(value);

    // Where the last pieces of a line begin, so many of them; -1 if there are not so many.
    private static int StartOfLast(ReadOnlySpan<byte> line, int pieces)
    {
        int start = line.Length;
        for (int piece = 0; piece < pieces; piece++)
        {
            int end = line[..start].LastIndexOfAnyExcept(Blanks) + 1;
            if (end == 0)
                return -1;
            start = line[..end].LastIndexOfAny(Blanks) + 1;
        }

        // Something must stand before them: a word and a space, or a space alone if the word is empty.
        return start > 0 ? start : -1;
    }

    // Of a file without a head: the fewest values that end a line of its beginning; 0 if it has lines of something else.
    private static int DimensionOf(ReadOnlySpan<byte> start)
    {
        bool isWhole = start.Length < ByteSource.BufferSize - ByteOrderMark.Length;
        int dimension = int.MaxValue;
        while (!start.IsEmpty && dimension > 0)
        {
            int end = start.IndexOf((byte)'\n');
            if (end < 0 && !isWhole)
                break;
            ReadOnlySpan<byte> line = end < 0 ? start : start[..end];
            start = end < 0 ? [] : start[(end + 1)..];
            if (line.Contains((byte)0))
                return 0;
            if (!IsBlank(line))
                dimension = Math.Min(dimension, ValuesAtTheEnd(line));
        }

        // Two at least: a single number stands behind words of other files too.
        return dimension is > 1 and <= HighestDimension ? dimension : 0;
    }

    private static int ValuesAtTheEnd(ReadOnlySpan<byte> line)
    {
        int count = 0;
        line = line.TrimEnd(Blanks);
        while (true)
        {
            int start = line.LastIndexOfAny(Blanks) + 1;
            // What begins a line is its word, whatever it looks like.
            if (start == 0 || !TryParseValue(line[start..], out _, out int length) || start + length != line.Length)
                return count;
            count++;
            line = line[..start].TrimEnd(Blanks);
        }
    }

    private static void RequireEnd(ByteSource source, int number)
    {
        while (source.ReadUntil((byte)'\n') is { } line)
        {
            if (!IsBlank(line))
                throw Invalid($"line {number}", "is empty, but others follow");
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(Blanks) < 0;

    private static bool TryParseHeader(ReadOnlySpan<byte> line, out long words, out int dimension)
    {
        dimension = 0;
        if (!Utf8Parser.TryParse(line, out words, out int length) || words < 0 || length >= line.Length || line[length] != ' ')
            return false;
        line = line[(length + 1)..];
        return Utf8Parser.TryParse(line, out dimension, out length) && dimension is > 0 and <= HighestDimension && line[length..].IndexOfAnyExcept(" \r"u8) < 0;
    }

    // What a file says nothing of is what training without n-grams would have.
    private static FastTextArguments Arguments(int dimension) => new()
    {
        Dimension = dimension,
        WindowSize = 5,
        Epochs = 0,
        MinimumCount = 1,
        NegativeSamples = 5,
        WordNgrams = 1,
        Loss = FastTextLoss.NegativeSampling,
        Architecture = FastTextArchitecture.SkipGram,
        Buckets = 0,
        MinNgramLength = 0,
        MaxNgramLength = 0,
        LearningRateUpdateRate = 100,
        SamplingThreshold = 1e-4,
    };
}

/// <summary>How a file of word vectors begins.</summary>
/// <param name="Words">How many words it claims to have; null if it does not say.</param>
/// <param name="Dimension">The length of a vector.</param>
/// <param name="FirstLine">The number of the first line with a word.</param>
internal readonly record struct VectorFileHead(long? Words, int Dimension, int FirstLine);
