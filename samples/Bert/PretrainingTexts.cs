using Microsoft.ML;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.Bert;

/// <summary>Documents to pre-train on, and others that are held out: a tenth of them, drawn at random.</summary>
internal sealed class PretrainingTexts
{
    // Held-out texts have so many words, a sentence in any case: about what a sequence of 64 pieces has room for.
    private const int WordsOfAText = 40;

    private PretrainingTexts(TaggedDocument[] training, TaggedDocument[] held, int seed)
    {
        (Training, Held) = (training, held);
        TaggedWord[][] sentences = [.. training.SelectMany(document => document.Sentences)];
        new Random(seed).Shuffle(sentences);
        Labelled = sentences;
        Tags = [.. training.Concat(held).SelectMany(document => document.Sentences).SelectMany(words => words).Select(word => word.Tag).Distinct()
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Documents to learn from.</summary>
    public IReadOnlyList<TaggedDocument> Training { get; }

    /// <summary>Documents that are held out.</summary>
    public IReadOnlyList<TaggedDocument> Held { get; }

    /// <summary>The sentences to learn from in random order, of which a tagger gets the first.</summary>
    public IReadOnlyList<TaggedWord[]> Labelled { get; }

    /// <summary>All labels of words.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>Splits documents.</summary>
    public static PretrainingTexts Split(IReadOnlyList<TaggedDocument> documents, int seed)
    {
        TaggedDocument[] all = [.. documents];
        new Random(seed).Shuffle(all);
        int held = Math.Max(1, all.Length / 10);
        return new(all[held..], all[..held], seed);
    }

    /// <summary>The sentences of the documents to learn from, with the names of these.</summary>
    public IDataView TrainingRows(MLContext ml) => ml.Data.LoadFromEnumerable(
        Training.SelectMany(document => document.Sentences.Select(words => new Row { Text = TextOf(words), Document = document.Name })));

    /// <summary>Texts of some held-out sentences each.</summary>
    public IDataView HeldRows(MLContext ml) => ml.Data.LoadFromEnumerable(Held.SelectMany(TextsOf));

    /// <summary>
    /// Taggers that learn from some sentences of the documents to learn from, choose by as many others of these, and are measured on the held-out documents.
    /// </summary>
    public BertTagProbe Probe(MLContext ml, int sentences)
    {
        (IReadOnlyList<TaggedWord[]> training, IReadOnlyList<TaggedWord[]> choice) = DrawLabelled(sentences);
        return new(ml, training, choice, Held.SelectMany(document => document.Sentences), Tags);
    }

    /// <summary>Sentences to learn from and as many others to choose by: so many each, or half of those that are there.</summary>
    public (IReadOnlyList<TaggedWord[]> Training, IReadOnlyList<TaggedWord[]> Choice) DrawLabelled(int sentences)
    {
        int each = Math.Min(sentences, Labelled.Count / 2);
        return ([.. Labelled.Take(each)], [.. Labelled.Skip(each).Take(each)]);
    }

    private static IEnumerable<Row> TextsOf(TaggedDocument document)
    {
        var words = new List<TaggedWord>();
        foreach (TaggedWord[] sentence in document.Sentences)
        {
            if (words.Count > 0 && words.Count + sentence.Length > WordsOfAText)
            {
                yield return new() { Text = TextOf(words), Document = document.Name };
                words.Clear();
            }

            words.AddRange(sentence);
        }

        yield return new() { Text = TextOf(words), Document = document.Name };
    }

    private static string TextOf(IEnumerable<TaggedWord> words) => string.Join(' ', words.Select(word => word.Word));

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public string Document { get; set; } = "";
    }
}
