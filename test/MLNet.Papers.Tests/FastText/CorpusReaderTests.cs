using Microsoft.ML;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Tests.FastText;

/// <summary>What is remembered of a corpus must not change what is learned from it.</summary>
[TestClass]
public sealed class CorpusReaderTests
{
    private const int Passes = 3;

    [TestMethod]
    public void A_remembered_text_gives_the_lines_of_one_that_is_read_again()
    {
        var ml = new MLContext(seed: 1);
        int opened = 0;
        IDataView rows = ml.Data.LoadFromEnumerable(Rows());
        List<string> remembered = Lines(mostRemembered: long.MaxValue);
        Assert.AreEqual(1, opened);
        CollectionAssert.AreEqual(Lines(mostRemembered: 0), remembered);
        Assert.AreEqual(1 + Passes, opened);
        // The second block is one too many.
        CollectionAssert.AreEqual(Lines(mostRemembered: 100_000), remembered);
        Assert.AreEqual(1 + (2 * Passes), opened);
        Assert.HasCount(Passes * 2_000, remembered);
        // Words that were counted are read no more, whether they are in the dictionary or not.
        CollectionAssert.AreEqual(remembered, Lines(mostRemembered: long.MaxValue, counts: true));
        Assert.AreEqual(2 + (2 * Passes), opened);

        IEnumerable<Row> Rows()
        {
            opened++;
            for (int row = 0; row < 2_000; row++)
                yield return new Row { Text = $"{new string('a', row % 90)} {row}" };
        }

        List<string> Lines(long mostRemembered, bool counts = false)
        {
            using var reader = new CorpusReader(new Corpus(Host.EnvironmentOf(ml.Transforms), rows, "Text"), Passes + (counts ? 1 : 0), mostRemembered);
            var own = new CorpusBlock();
            var dictionary = new FastTextDictionary([], 0, new FastTextOptions().ToArguments());
            var parser = new LineParser(new ByteLearner(), dictionary, null);
            List<string> lines = [];
            if (counts)
                reader.Count([]);
            while (reader.Next(own) is { } block)
            {
                block.Parse(parser);
                for (int line = 0; line < block.Count; line++)
                    lines.Add(string.Join(' ', block.Parsed(line)));
            }

            return lines;
        }
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    // A line is its bytes.
    private sealed class ByteLearner : Learner
    {
        public override LossMean Loss => new();

        public override (ulong Own, ulong Output) Randomness { get; set; }

        public override void Parse(ReadOnlySpan<byte> names, LineTokens tokens, List<int> labels, List<int> line)
        {
            foreach (Token token in tokens.All)
            {
                line.Add(' ');
                foreach (byte letter in token.Of(names))
                    line.Add(letter);
            }
        }

        public override int Learn(ArraySegment<int> line, float learningRate) => throw new NotSupportedException();
    }
}
