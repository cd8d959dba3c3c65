using System.Buffers.Text;
using System.Globalization;
using System.Text;
using static MLNet.Papers.FastText.ByteSource;

namespace MLNet.Papers.FastText;

/// <summary>The text files of word vectors, <c>.vec</c>: a line with the number of words and the dimension, then a line for each word.</summary>
internal static class VectorFile
{
    private const int LongestHeader = 64;

    /// <summary>Whether a file begins with two numbers and a line end.</summary>
    public static bool IsLikely(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> header = start[..Math.Min(start.Length, LongestHeader)];
        int end = header.IndexOf((byte)'\n');
        return end > 0 && TryParseHeader(header[..end], out _, out _);
    }

    /// <summary>Reads a file. The model has word vectors and nothing else: no n-grams and no output.</summary>
    /// <exception cref="FormatException">The bytes are not such a file.</exception>
    public static FastTextModel Read(ByteSource source)
    {
        ReadOnlySpan<byte> header = source.ReadUntil((byte)'\n');
        if (!TryParseHeader(header, out long words, out int dimension))
            throw Invalid("line 1", "must be the number of words and the dimension");
        // A value has at least two bytes: a digit and a space.
        source.Require(words, 2L * dimension, "number of words in line 1");
        if (words * dimension > Array.MaxLength)
            throw Invalid("line 1", $"claims {words} words of {dimension} values; at most {Array.MaxLength} values are possible");
        var entries = new List<DictionaryEntry>();
        float[] values = new float[Math.Min(words, Math.Max(1, (1 << 16) / dimension)) * dimension];
        for (int word = 0; word < words; word++)
        {
            ReadOnlySpan<byte> line = source.ReadUntil((byte)'\n');
            if (line.IsEmpty)
                throw Invalid($"line {word + 2}", $"is missing, but line 1 claims {words} words");
            if ((word + 1L) * dimension > values.Length)
                Array.Resize(ref values, (int)Math.Min(words * dimension, 2L * values.Length));
            int nameLength = line.IndexOf((byte)' ');
            if (nameLength <= 0)
                throw Invalid($"line {word + 2}", "must be a word, a space and its values");
            entries.Add(new DictionaryEntry(line[..nameLength].ToArray(), 1, IsLabel: false));
            ParseValues(line[nameLength..], values.AsSpan(word * dimension, dimension), word + 2);
        }

        if (source.ReadUntil((byte)'\n') is { } more && more.AsSpan().IndexOfAnyExcept(" \r\n\t"u8) >= 0)
            throw Invalid($"line {words + 2}", $"is one more than line 1 claims");
        return ModelOf(entries, values, dimension);
    }

    /// <summary>A model of word vectors and nothing else.</summary>
    /// <param name="words">The words.</param>
    /// <param name="values">Their vectors, one after the other.</param>
    /// <param name="dimension">The length of a vector.</param>
    public static FastTextModel ModelOf(IReadOnlyList<DictionaryEntry> words, float[] values, int dimension)
    {
        FastTextArguments arguments = Arguments(dimension);
        return new FastTextModel(arguments, new FastTextDictionary(words, words.Count, arguments), new DenseMatrix(values, words.Count, dimension), output: null);
    }

    /// <summary>Writes the vector of every word, with five significant digits.</summary>
    public static void Write(FastTextModel model, Stream stream)
    {
        var writer = new BufferedStream(stream, 1 << 16);
        FastTextDictionary dictionary = model.Dictionary;
        writer.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{dictionary.WordCount} {model.Dimension}\n")));
        float[] vector = new float[model.Dimension];
        Span<byte> number = stackalloc byte[32];
        for (int id = 0; id < dictionary.WordCount; id++)
        {
            model.Input.Mean(dictionary.Rows(id), vector);
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

    private static void ParseValues(ReadOnlySpan<byte> text, Span<float> values, int line)
    {
        for (int i = 0; i < values.Length; i++)
        {
            text = text.TrimStart(" \t"u8);
            if (!Utf8Parser.TryParse(text, out float value, out int length) || (length < text.Length && !IsSpace(text[length])) || !float.IsFinite(value))
                throw Invalid($"line {line}", $"must have {values.Length} finite values, but has {i}");
            values[i] = value;
            text = text[length..];
        }

        if (text.IndexOfAnyExcept(" \r\t"u8) >= 0)
            throw Invalid($"line {line}", $"has more than the {values.Length} values that line 1 promises");
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r';

    private static bool TryParseHeader(ReadOnlySpan<byte> line, out long words, out int dimension)
    {
        dimension = 0;
        if (!Utf8Parser.TryParse(line, out words, out int length) || words < 0 || length >= line.Length || line[length] != ' ')
            return false;
        line = line[(length + 1)..];
        return Utf8Parser.TryParse(line, out dimension, out length) && dimension is > 0 and <= 1 << 16 && line[length..].IndexOfAnyExcept(" \r"u8) < 0;
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
        MinimumNgramLength = 0,
        MaximumNgramLength = 0,
        LearningRateUpdateRate = 100,
        SamplingThreshold = 1e-4,
    };
}
