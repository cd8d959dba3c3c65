using System.IO.Compression;
using System.Text;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Texts with translations, split into those to learn from, those to validate on and those to test on.</summary>
/// <param name="Training">To learn from.</param>
/// <param name="Validation">To choose the weights by.</param>
/// <param name="Test">To measure on.</param>
internal sealed record ParallelTexts(TextPair[] Training, TextPair[] Validation, TextPair[] Test)
{
    private const string English = "en";
    private const int HeldMessages = 500;

    /// <summary>The captions of Multi30k.</summary>
    /// <param name="folder">A folder with <c>train</c>, <c>val</c> and <c>test_2016_flickr</c> in each language: <c>train.en</c> or <c>train.en.gz</c>.</param>
    /// <param name="language">The language that is translated into.</param>
    /// <exception cref="InputException">A file is missing, or two do not have the same number of lines.</exception>
    public static ParallelTexts OfFolder(string folder, string language)
    {
        return new(Pairs("train"), Pairs("val"), Pairs("test_2016_flickr"));

        TextPair[] Pairs(string part)
        {
            string[] sources = Lines(folder, $"{part}.{English}"), targets = Lines(folder, $"{part}.{language}");
            return sources.Length == targets.Length
                ? [.. sources.Zip(targets, Pair)]
                : throw new InputException($"'{part}.{English}' has {sources.Length} lines, but '{part}.{language}' has {targets.Length}.");
        }
    }

    /// <summary>The messages of the .NET SDK: of each English one the first translation, 500 of them to validate on and 500 to test on.</summary>
    /// <param name="language">The language that is translated into.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="InputException">The SDK has too few messages in the language.</exception>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static ParallelTexts OfMessages(string language, int seed, CancellationToken cancellation)
    {
        TextPair[] pairs = [.. ResourceStrings.Read(DotnetInstallation.SdkFolder(), cancellation)
            .Where(text => text.Language == language)
            .Select(text => Pair(text.English, text.Text))
            .DistinctBy(pair => pair.Source)];
        if (pairs.Length < 4 * HeldMessages)
            throw new InputException($"The .NET SDK has {pairs.Length} messages in '{language}'; {4 * HeldMessages} are needed.");
        new Random(seed).Shuffle(pairs);
        return new(pairs[(2 * HeldMessages)..], pairs[..HeldMessages], pairs[HeldMessages..(2 * HeldMessages)]);
    }

    private static TextPair Pair(string source, string target) => new() { Source = PlainText.Normalize(source), Target = PlainText.Normalize(target) };

    private static string[] Lines(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (File.Exists(path))
            return File.ReadAllLines(path);
        if (!File.Exists(path + ".gz"))
            throw new InputException($"There is neither '{path}' nor '{path}.gz'.");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd().TrimEnd('\n').Split('\n');
    }
}
