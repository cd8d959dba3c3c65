using static MLNet.Papers.FastText.ByteSource;

namespace MLNet.Papers.FastText;

/// <summary>Reads the binary model files of the fastText program, <c>.bin</c> and <c>.ftz</c>: versions 11 and 12.</summary>
/// <remarks>Every field is checked before it is used. Fields are named as the program names them.</remarks>
internal static class ModelFileReader
{
    public const int Magic = 793712314;
    public const int Version = 12;

    private const int OldestVersion = 11;
    private const int HighestDimension = 1 << 16;

    /// <summary>The magic number as a file begins with it.</summary>
    public static ReadOnlySpan<byte> MagicBytes => [0xBA, 0x16, 0x4F, 0x2F];

    /// <exception cref="FormatException">The bytes are not an undamaged model.</exception>
    public static FastTextModel Read(ByteSource source)
    {
        int magic = source.ReadInt32("magic");
        if (magic != Magic)
            throw Invalid("magic", $"is {magic}, but must be {Magic}");
        int version = source.ReadInt32("version");
        if (version is < OldestVersion or > Version)
            throw Invalid("version", $"is {version}, but must be {OldestVersion} or {Version}");
        FastTextArguments arguments = ReadArguments(source, version);
        FastTextDictionary dictionary = ReadDictionary(source, arguments);

        bool isInputQuantized = source.ReadFlag("quant_input");
        if (dictionary.IsPruned && !isInputQuantized)
            throw Invalid("quant_input", "is 0, but the dictionary was pruned, which only goes with a quantised input matrix");
        EmbeddingMatrix input = ReadMatrix(source, "input", arguments.Dimension, isInputQuantized);
        CheckInputRows(input, dictionary, arguments);
        bool isOutputQuantized = source.ReadFlag("qout");
        if (isOutputQuantized && !isInputQuantized)
            throw Invalid("qout", "is 1, but the input matrix is not quantised");
        EmbeddingMatrix output = ReadMatrix(source, "output", arguments.Dimension, isOutputQuantized);
        CheckOutputRows(output, dictionary, arguments);
        source.End();
        return new FastTextModel(arguments, dictionary, input, output.Rows == 0 ? null : output);
    }

    private static FastTextArguments ReadArguments(ByteSource source, int version)
    {
        var arguments = new FastTextArguments
        {
            Dimension = ReadNumber("dim", 1, HighestDimension),
            WindowSize = ReadNumber("ws"),
            Epochs = ReadNumber("epoch"),
            MinimumCount = ReadNumber("minCount"),
            NegativeSamples = ReadNumber("neg"),
            WordNgrams = ReadNumber("wordNgrams", 0, FastTextArguments.LongestNgram),
            Loss = (FastTextLoss)ReadNumber("loss", 1, 4),
            Architecture = (FastTextArchitecture)ReadNumber("model", 1, 3),
            Buckets = ReadNumber("bucket"),
            MinNgramLength = ReadNumber("minn"),
            MaxNgramLength = ReadNumber("maxn", 0, FastTextArguments.LongestNgram),
            LearningRateUpdateRate = ReadNumber("lrUpdateRate"),
            SamplingThreshold = source.ReadDouble("t"),
        };
        if (!double.IsFinite(arguments.SamplingThreshold))
            throw Invalid("t", "is not finite");
        // Classifiers of that version had no n-grams of letters, whatever the field says.
        return version == OldestVersion && arguments.IsSupervised ? arguments with { MaxNgramLength = 0 } : arguments;

        int ReadNumber(string field, int minimum = 0, int maximum = int.MaxValue)
        {
            int value = source.ReadInt32(field);
            if (value < minimum || value > maximum)
                throw Invalid(field, $"is {value}, but must be {minimum} to {maximum}");
            return value;
        }
    }

    private static FastTextDictionary ReadDictionary(ByteSource source, FastTextArguments arguments)
    {
        const int ShortestEntry = 10;
        int size = source.ReadInt32("size");
        int words = source.ReadInt32("nwords");
        int labels = source.ReadInt32("nlabels");
        long tokens = source.ReadInt64("ntokens");
        long prunedSize = source.ReadInt64("pruneidx_size");
        source.Require(size, ShortestEntry, "size");
        if (words < 0 || labels < 0 || (long)words + labels != size)
            throw Invalid("size", $"is {size}, but must be the sum of nwords {words} and nlabels {labels}");
        if (tokens < 0)
            throw Invalid("ntokens", $"is {tokens}");
        if (prunedSize < -1)
            throw Invalid("pruneidx_size", $"is {prunedSize}, but must be at least -1");

        var entries = new List<DictionaryEntry>();
        long counts = 0;
        for (int id = 0; id < size; id++)
        {
            DictionaryEntry entry = ReadEntry(source, id, isLabel: id >= words);
            if (entry.Count < 0 || (counts += entry.Count) < 0)
                throw Invalid($"count of entry {id}", $"is {entry.Count}, too much or too little for a count");
            entries.Add(entry);
        }

        List<PrunedBucket>? pruned = ReadPruned(source, prunedSize, arguments.Buckets);
        try
        {
            return new FastTextDictionary(entries, tokens, arguments, pruned, source.Check);
        }
        catch (InvalidOperationException exception)
        {
            throw Invalid("dictionary", $"cannot be held: {exception.Message.TrimEnd('.')}");
        }
    }

    private static DictionaryEntry ReadEntry(ByteSource source, int id, bool isLabel)
    {
        byte[] name = source.ReadUntil(0) ?? throw Invalid($"entry {id}", "is missing");
        long count = source.ReadInt64($"count of entry {id}");
        byte type = source.ReadByte($"type of entry {id}");
        if (type != (isLabel ? 1 : 0))
            throw Invalid($"type of entry {id}", $"is {type}, but must be {(isLabel ? 1 : 0)}: nwords words (0) come first, then nlabels labels (1)");
        return new DictionaryEntry(name, count, isLabel);
    }

    private static List<PrunedBucket>? ReadPruned(ByteSource source, long size, int buckets)
    {
        if (size < 0)
            return null;
        source.Require(size, 8, "pruneidx_size");
        var pruned = new List<PrunedBucket>();
        for (long i = 0; i < size; i++)
        {
            var pair = new PrunedBucket(source.ReadInt32("pruneidx"), source.ReadInt32("pruneidx"));
            if (pair.Bucket < 0 || pair.Bucket >= buckets)
                throw Invalid("pruneidx", $"names bucket {pair.Bucket}, which is not one of {buckets}");
            if (pair.Row < 0 || pair.Row >= size)
                throw Invalid("pruneidx", $"names row {pair.Row} of {size}");
            pruned.Add(pair);
        }

        int[] sorted = [.. pruned.Select(pair => pair.Bucket).Order()];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] == sorted[i - 1])
                throw Invalid("pruneidx", $"names bucket {sorted[i]} twice");
        }

        return pruned;
    }

    private static EmbeddingMatrix ReadMatrix(ByteSource source, string name, int dimension, bool isQuantized)
    {
        bool hasNorms = isQuantized && source.ReadFlag($"qnorm of the {name} matrix");
        long rows = source.ReadInt64($"m of the {name} matrix");
        long columns = source.ReadInt64($"n of the {name} matrix");
        if (columns != dimension)
            throw Invalid($"n of the {name} matrix", $"is {columns}, but must be dim {dimension}");
        source.Require(rows, isQuantized ? 1 : 4L * dimension, $"m of the {name} matrix");
        if (!isQuantized)
            return new DenseMatrix(source.ReadFloats(rows * dimension, $"{name} matrix"), (int)rows, dimension);

        int codeSize = source.ReadInt32($"codesize of the {name} matrix");
        byte[] codes = source.ReadBytes(codeSize, $"codes of the {name} matrix");
        ProductQuantizer quantizer = ReadQuantizer(source, $"quantiser of the {name} matrix", dimension);
        if (codeSize != rows * quantizer.Pieces)
            throw Invalid($"codesize of the {name} matrix", $"is {codeSize}, but {rows} rows have {quantizer.Pieces} codes each");
        if (!hasNorms)
            return new QuantizedMatrix((int)rows, codes, quantizer, null, null);
        byte[] normCodes = source.ReadBytes(rows, $"norm codes of the {name} matrix");
        return new QuantizedMatrix((int)rows, codes, quantizer, normCodes, ReadQuantizer(source, $"norm quantiser of the {name} matrix", 1));
    }

    private static ProductQuantizer ReadQuantizer(ByteSource source, string name, int dimension)
    {
        int storedDimension = source.ReadInt32($"dim of the {name}");
        int pieces = source.ReadInt32($"nsubq of the {name}");
        int pieceLength = source.ReadInt32($"dsub of the {name}");
        int lastPieceLength = source.ReadInt32($"lastdsub of the {name}");
        if (storedDimension != dimension)
            throw Invalid($"dim of the {name}", $"is {storedDimension}, but must be {dimension}");
        if (pieceLength < 1)
            throw Invalid($"dsub of the {name}", $"is {pieceLength}, but must be at least 1");
        int expectedPieces = ProductQuantizer.PieceCount(dimension, pieceLength);
        if (pieces != expectedPieces)
            throw Invalid($"nsubq of the {name}", $"is {pieces}, but dim {dimension} has {expectedPieces} pieces of {pieceLength}");
        if (lastPieceLength != dimension - ((pieces - 1) * pieceLength))
            throw Invalid($"lastdsub of the {name}", $"is {lastPieceLength}, which does not go with dim {dimension} and dsub {pieceLength}");
        return new ProductQuantizer(dimension, pieceLength, source.ReadFloats((long)dimension * ProductQuantizer.CentroidCount, $"centroids of the {name}"));
    }

    private static void CheckInputRows(EmbeddingMatrix input, FastTextDictionary dictionary, FastTextArguments arguments)
    {
        long ngrams = dictionary.Pruned?.Count ?? (arguments.HasSubwords || arguments.HasWordNgrams ? arguments.Buckets : 0);
        if (input.Rows < dictionary.WordCount + ngrams)
            throw Invalid("m of the input matrix", $"is {input.Rows}, but {dictionary.WordCount} words and {ngrams} buckets need a row each");
    }

    private static void CheckOutputRows(EmbeddingMatrix output, FastTextDictionary dictionary, FastTextArguments arguments)
    {
        int outputs = arguments.IsSupervised ? dictionary.LabelCount : dictionary.WordCount;
        if (output.Rows != outputs && (output.Rows != 0 || arguments.IsSupervised))
            throw Invalid("m of the output matrix", $"is {output.Rows}, but must be {outputs}, a row for each {(arguments.IsSupervised ? "label" : "word")}");
    }
}
