using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.Bert;

/// <summary>A document to learn from, each of whose words has a label.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sentences">Its sentences.</param>
internal sealed record TaggedDocument(string Name, IReadOnlyList<TaggedWord[]> Sentences)
{
    /// <summary>The files of the Brown corpus; of a contraction the label is that of its first part.</summary>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static IReadOnlyList<TaggedDocument> OfBrown(string path) =>
        [
            .. BrownCorpus.Files(path).Select(file => new TaggedDocument(
                file.Name, [.. file.Sentences.Select(words => Array.ConvertAll(words, word => word with { Tag = word.Tag.Split('+')[0] }))])),
        ];

    /// <summary>
    /// The documentation of each assembly, a sentence for each element below a member, none twice; the label of a word says what it is marked up as.
    /// </summary>
    /// <exception cref="InputException">There is none on this machine.</exception>
    public static IReadOnlyList<TaggedDocument> OfDocumentation()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. DotnetInstallation.DocumentationFiles()
                .Select(file => new TaggedDocument(
                    Path.GetFileNameWithoutExtension(file),
                    [.. ApiDocumentation.MarkedLines(file).Where(line => line.Length > 2 && seen.Add(string.Join(' ', line.Select(word => word.Word))))]))
                .Where(document => document.Sentences.Count > 0),
        ];
    }
}
