using System.Text;
using MLNet.Papers.FastText;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>
/// English sentences that every machine with the .NET SDK has, and a model of random numbers over their words: speed does not depend on what was learned.
/// </summary>
internal static class BenchmarkModel
{
    private const int Dimension = 100;
    private const int MinimumCount = 5;

    /// <summary>The distinct lines of the documentation of .NET's own types, a sentence or two each.</summary>
    public static string[] Sentences() => [.. ApiDocumentation.Lines(DotnetInstallation.DocumentationFiles()).Where(line => line.Length > 20).Distinct()];

    /// <summary>Word vectors of dimension 100 with n-grams of 3 to 6 letters.</summary>
    public static FastTextModel Create(string[] sentences, int buckets)
    {
        var counts = new Dictionary<string, long>();
        foreach (string word in sentences.SelectMany(line => line.Split(' ')))
            counts[word] = counts.GetValueOrDefault(word) + 1;
        DictionaryEntry[] entries =
        [
            .. counts.Where(pair => pair.Value >= MinimumCount).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new DictionaryEntry(Encoding.UTF8.GetBytes(pair.Key), pair.Value, IsLabel: false)),
        ];
        var arguments = new FastTextArguments
        {
            Dimension = Dimension,
            WindowSize = 5,
            Epochs = 5,
            MinimumCount = MinimumCount,
            NegativeSamples = 5,
            WordNgrams = 1,
            Loss = FastTextLoss.NegativeSampling,
            Architecture = FastTextArchitecture.SkipGram,
            Buckets = buckets,
            MinNgramLength = 3,
            MaxNgramLength = 6,
            LearningRateUpdateRate = 100,
            SamplingThreshold = 1e-4,
        };
        return new FastTextModel(
            arguments, new FastTextDictionary(entries, counts.Values.Sum(), arguments), Random(entries.Length + buckets), Random(entries.Length));
    }

    /// <summary>Calls something with the path of a file that holds the model, and deletes the file.</summary>
    public static T WithFile<T>(FastTextModel model, Func<string, T> use)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.bin");
        try
        {
            model.Save(path);
            return use(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static DenseMatrix Random(int rows)
    {
        var random = new Random(1);
        var matrix = new DenseMatrix(rows, Dimension);
        for (int i = 0; i < matrix.Values.Length; i++)
            matrix.Values[i] = (random.NextSingle() * 2) - 1;
        return matrix;
    }
}
