using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.Elmo;

/// <summary>The Brown corpus, split by file: a tenth of the files is held out.</summary>
internal sealed class PartsOfSpeechData
{
    private PartsOfSpeechData(TaggedWord[][] training, TaggedWord[][] held)
    {
        Training = training;
        Held = held;
        Known = [.. training.SelectMany(sentence => sentence).Select(word => word.Word)];
        Tags = [.. training.Concat(held).SelectMany(sentence => sentence).Select(word => word.Tag).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Sentences to learn from, in random order.</summary>
    public TaggedWord[][] Training { get; }

    /// <summary>Sentences of the files that are held out.</summary>
    public TaggedWord[][] Held { get; }

    /// <summary>All words of the training sentences.</summary>
    public HashSet<string> Known { get; }

    /// <summary>All tags.</summary>
    public string[] Tags { get; }

    /// <summary>Reads and splits the corpus.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static PartsOfSpeechData Read(string path, int seed)
    {
        BrownFile[] files = [.. BrownCorpus.Files(path)];
        new Random(seed).Shuffle(files);
        int held = files.Length / 10;
        TaggedWord[][] training = [.. files.Skip(held).SelectMany(file => file.Sentences).Select(Simple)];
        new Random(seed).Shuffle(training);
        return new(training, [.. files.Take(held).SelectMany(file => file.Sentences).Select(Simple)]);

        // The base tag: of a contraction such as ppss+bem, the first part.
        static TaggedWord[] Simple(TaggedWord[] sentence) => [.. sentence.Select(word => word with { Tag = word.Tag.Split('+')[0] })];
    }
}
