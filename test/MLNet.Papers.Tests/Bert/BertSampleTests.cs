using System.Text.Json;
using MLNet.Papers.Samples;
using MLNet.Papers.Samples.Bert;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The samples of BERT from texts to figures, as small as they go, and what they say of texts that do not do.</summary>
[TestClass]
public sealed class BertSampleTests
{
    private const int Documents = 10, Sentences = 14;

    private string _folder = "";

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Hidden_words_are_learned_and_measured()
    {
        Run("masked-words", "--brown", WriteBrown(), "--epochs", "2");
        Dictionary<string, double> figures = Figures();
        CollectionAssert.AreEquivalent(
            new[] { "unigramEntropy", "heldOutLoss", "heldOutAccuracy", "taggingPretrained", "taggingRandom" }, figures.Keys.ToArray());
        Assert.IsGreaterThan(0, figures["unigramEntropy"]);
        Assert.IsGreaterThan(0, figures["heldOutLoss"]);
        Assert.IsTrue(figures["taggingPretrained"] is > 0 and <= 100 && figures["taggingRandom"] is > 0 and <= 100, Text(figures));

        // The model that was saved is taken instead of another training, with the same figures.
        string model = Path.Combine(_folder, "output", "bert-1.zip");
        Assert.IsTrue(File.Exists(model));
        Run("masked-words", "--brown", WriteBrown(), "--model", model);
        Assert.AreEqual(Text(figures), Text(Figures()));
    }

    [TestMethod]
    public void Sentences_that_choose_a_step_size_are_there_where_sentences_are_few()
    {
        PretrainingTexts texts = PretrainingTexts.Split(TaggedDocument.OfBrown(WriteBrown()), seed: 1);
        Assert.HasCount(Documents - 1, texts.Training);
        Assert.HasCount(1, texts.Held);
        Assert.HasCount((Documents - 1) * Sentences, texts.Labelled);
        foreach ((int wanted, int each) in new[] { (500, 63), (63, 63), (20, 20) })
        {
            (IReadOnlyList<TaggedWord[]> training, IReadOnlyList<TaggedWord[]> choice) = texts.DrawLabelled(wanted);
            Assert.AreEqual((each, each), (training.Count, choice.Count));
            Assert.IsEmpty(training.Intersect(choice).ToArray());
        }
    }

    [TestMethod]
    [TestCategory("Slow")]
    public void Few_labels_are_learned_by_three_models()
    {
        Run("tickets", "--data", WriteTickets(20), "--most", "10", "--test", "10");
        Dictionary<string, double> figures = Figures();
        CollectionAssert.AreEquivalent(new[] { "bert10", "fastText10", "sdca10", "trainSeconds", "rowsPerSecond" }, figures.Keys.ToArray());
        Assert.IsTrue(figures["bert10"] is > 50 and <= 100 && figures["sdca10"] is > 50 and <= 100, Text(figures));
        Assert.IsTrue(File.Exists(Path.Combine(_folder, "output", "labels.png")));
    }

    [TestMethod]
    public void Texts_that_do_not_do_are_refused_by_line_and_class()
    {
        string path = WriteTickets(12);
        InputException few = Assert.ThrowsExactly<InputException>(() => TicketData.Draw(TicketData.Lines(path), 10, 10, seed: 1));
        Assert.Contains("'bread' has 12 different texts; it needs 10 to train on and 10 to test with.", few.Message);
        File.AppendAllText(path, "\nno class\n");
        Assert.Contains("line 26: a line is a class, a tab and a text", Assert.ThrowsExactly<InputException>(() => TicketData.Lines(path)).Message);
        Assert.Contains(
            "does not exist", Assert.ThrowsExactly<InputException>(() => TicketData.Lines(Path.Combine(_folder, "nothing.txt"))).Message);
        Assert.Contains("at least 2", Assert.ThrowsExactly<InputException>(
            () => TicketData.Draw([.. Enumerable.Range(0, 30).Select(row => new Ticket("one", $"text {row}"))], 10, 10, seed: 1)).Message);
    }

    [TestMethod]
    public void No_text_is_learned_from_and_tested_with()
    {
        TicketData data = TicketData.Draw(TicketData.Lines(WriteTickets(40)), 20, 15, seed: 2);
        string[] test = [.. data.Test.Select(ticket => ticket.Text)], training = [.. data.Training.Values.SelectMany(own => own).Select(ticket => ticket.Text)];
        Assert.HasCount(30, test.Distinct().ToArray());
        Assert.HasCount(40, training.Distinct().ToArray());
        Assert.IsEmpty(test.Intersect(training).ToArray());
        CollectionAssert.AreEqual(data.Training["oil"][..5], data.First(5).Where(ticket => ticket.Label == "oil").ToArray());
    }

    private void Run(params string[] arguments)
    {
        int result = Program.Main([.. arguments, "--output", Path.Combine(_folder, "output"), "--json", Path.Combine(_folder, "figures.json")]);
        Assert.AreEqual(0, result);
    }

    private Dictionary<string, double> Figures() =>
        JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(Path.Combine(_folder, "figures.json")))!;

    private static string Text(Dictionary<string, double> figures) => string.Join(", ", figures.Select(figure => $"{figure.Key} {figure.Value:R}"));

    // A file of the corpus is a document, a line of it a sentence.
    private string WriteBrown()
    {
        (string[] Nouns, string[] Verbs)[] topics = [(["river", "valley", "sea"], ["runs", "falls"]), (["baker", "oven", "bread"], ["bakes", "waits"])];
        var random = new Random(1);
        for (int document = 0; document < Documents; document++)
        {
            (string[] nouns, string[] verbs) = topics[document % 2];
            File.WriteAllLines(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "brown")).FullName, $"ca{document:D2}"),
                Enumerable.Range(0, Sentences).Select(_ => $"The/at {Of(nouns)}/nn {Of(verbs)}/vbz and/cc a/at {Of(nouns)}/nn {Of(verbs)}/vbz again/rb ./."));
        }

        return Path.Combine(_folder, "brown");

        string Of(string[] words) => words[random.Next(words.Length)];
    }

    private string WriteTickets(int texts)
    {
        string path = Path.Combine(_folder, "tickets.txt");
        File.WriteAllLines(path, Enumerable.Range(0, texts).SelectMany(row => (string[])
        [
            $"bread\tThe baker takes loaf number {row} out of the oven.", $"oil\tThe engine of car {row} has lost oil again.",
        ]));
        return path;
    }
}
