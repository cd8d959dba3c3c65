using System.Text;
using MLNet.Papers.FastText;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Small models of random numbers. The same arguments give the same model on every machine.</summary>
internal static class RandomModels
{
    public static readonly string[] Words =
    [
        "</s>", "the", "harbour", "oak", "sea", "and", "lamp", "café", "naïve", "town", "boat", "sails", "wood", "日本", "grey", "under", "mill", "bank", "owls",
        "night",
        "of", "tram", "bakery", "moss", "birch", "stone", "tide", "nets", "quiet", "ø",
    ];

    public static readonly string[] Labels = ["sea", "wood", "town", "sky", "fête", "rare"];

    /// <summary>Word vectors of n-grams with 2 to 4 letters.</summary>
    public static FastTextModel Vectors(int seed = 1, int dimension = 6, int minimum = 2, int maximum = 4)
    {
        FastTextArguments arguments = Arguments(FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling) with
        {
            Dimension = dimension,
            Buckets = maximum == 0 ? 0 : 60,
            MinNgramLength = minimum,
            MaxNgramLength = maximum,
        };
        var random = new Random(seed);
        return new FastTextModel(
            arguments, Dictionary(arguments), Dense(random, Words.Length + arguments.Buckets, dimension), Dense(random, Words.Length, dimension));
    }

    /// <summary>A classifier of n-grams with 2 and 3 letters and of pairs of words.</summary>
    public static FastTextModel Classifier(FastTextLoss loss, int seed = 2, int dimension = 5, int buckets = 50)
    {
        FastTextArguments arguments = Arguments(FastTextArchitecture.Supervised, loss) with { Dimension = dimension, Buckets = buckets, WordNgrams = 2 };
        var random = new Random(seed);
        return new FastTextModel(arguments, Dictionary(arguments), Dense(random, Words.Length + buckets, dimension), Dense(random, Labels.Length, dimension));
    }

    /// <summary>A classifier that was pruned and quantised, with norms apart; its last piece is shorter than the others.</summary>
    public static FastTextModel Quantized(int seed = 3, int dimension = 11, int pieceLength = 2, bool hasNorms = true)
    {
        FastTextArguments arguments = Arguments(FastTextArchitecture.Supervised, FastTextLoss.Softmax) with
        {
            Dimension = dimension,
            Buckets = 50,
            WordNgrams = 3,
        };
        var random = new Random(seed);
        PrunedBucket[] pruned =
        [
            .. Enumerable.Range(0, 50).Where(bucket => bucket % 3 != 1).Select((bucket, index) => new PrunedBucket(bucket, index)).Reverse(),
        ];
        QuantizedMatrix input = Quantized(random, Words.Length + pruned.Length, dimension, pieceLength, hasNorms);
        return new FastTextModel(arguments, Dictionary(arguments, pruned), input, Dense(random, Labels.Length, dimension));
    }

    /// <summary>Word vectors of words that one looks up, at random, in a dictionary that somebody has made with evil intent.</summary>
    public static FastTextModel VectorsOf(IEnumerable<byte[]> words, int minimum = 2, int maximum = 64, int dimension = 1)
    {
        FastTextArguments arguments = Arguments(FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling) with
        {
            Dimension = dimension,
            Buckets = maximum == 0 ? 0 : 7,
            MinNgramLength = minimum,
            MaxNgramLength = maximum,
        };
        DictionaryEntry[] entries = [.. words.Select(word => new DictionaryEntry(word, 1, IsLabel: false))];
        return new FastTextModel(
            arguments, new FastTextDictionary(entries, entries.Length, arguments), Dense(new Random(6), entries.Length + arguments.Buckets, dimension), null);
    }

    /// <summary>
    /// Words of one hash, two to the power of <paramref name="pairs"/>: from each state of the hash two blocks lead to the same state, so that either may be
    /// taken.
    /// </summary>
    public static byte[][] Colliding(int pairs)
    {
        uint state = SubwordHash.Empty;
        List<byte[]> words = [[]];
        var random = new Random(7);
        for (int pair = 0; pair < pairs; pair++)
        {
            var blocks = new Dictionary<uint, byte[]>();
            while (true)
            {
                byte[] block = [.. Enumerable.Range(0, 8).Select(_ => (byte)random.Next('a', 'z' + 1))];
                uint next = block.Aggregate(state, SubwordHash.Append);
                if (!blocks.TryAdd(next, block) && !blocks[next].SequenceEqual(block))
                {
                    words = [.. words.SelectMany(word => new byte[][] { [.. word, .. blocks[next]], [.. word, .. block] })];
                    state = next;
                    break;
                }
            }
        }

        return [.. words];
    }

    public static byte[] Bytes(FastTextModel model)
    {
        using var stream = new MemoryStream();
        model.SaveBinary(stream);
        return stream.ToArray();
    }

    public static FastTextModel Load(byte[] bytes) => FastTextModel.Load(new MemoryStream(bytes));

    public static QuantizedMatrix Quantized(Random random, int rows, int dimension, int pieceLength, bool hasNorms)
    {
        var quantizer = new ProductQuantizer(dimension, pieceLength, Dense(random, ProductQuantizer.CentroidCount, dimension).Values.ToArray());
        byte[] codes = new byte[rows * quantizer.Pieces];
        random.NextBytes(codes);
        byte[]? normCodes = hasNorms ? new byte[rows] : null;
        if (normCodes is not null)
            random.NextBytes(normCodes);
        return new QuantizedMatrix(
            rows, codes, quantizer, normCodes, hasNorms ? new ProductQuantizer(1, 1, Dense(random, ProductQuantizer.CentroidCount, 1).Values.ToArray()) : null);
    }

    public static DenseMatrix Dense(Random random, int rows, int dimension)
    {
        var matrix = new DenseMatrix(rows, dimension);
        for (int i = 0; i < matrix.Values.Length; i++)
            matrix.Values[i] = (random.NextSingle() * 2) - 1;
        return matrix;
    }

    // Counts fall as fast as words of a language do; two labels have the same one.
    private static FastTextDictionary Dictionary(FastTextArguments arguments, PrunedBucket[]? pruned = null)
    {
        IEnumerable<DictionaryEntry> words = Words.Select(
            (word, index) => new DictionaryEntry(Encoding.UTF8.GetBytes(word), 300 / (index + 1), IsLabel: false));
        IEnumerable<DictionaryEntry> labels = Labels.Select(
            (label, index) => new DictionaryEntry(Encoding.UTF8.GetBytes($"__label__{label}"), 20 / ((index / 2) + 1), IsLabel: true));
        return new FastTextDictionary([.. words, .. arguments.IsSupervised ? labels : []], 1500, arguments, pruned);
    }

    private static FastTextArguments Arguments(FastTextArchitecture architecture, FastTextLoss loss) => new()
    {
        Dimension = 5,
        WindowSize = 5,
        Epochs = 5,
        MinimumCount = 1,
        NegativeSamples = 5,
        WordNgrams = 1,
        Loss = loss,
        Architecture = architecture,
        Buckets = 50,
        MinNgramLength = 2,
        MaxNgramLength = 3,
        LearningRateUpdateRate = 100,
        SamplingThreshold = 1e-4,
    };
}
