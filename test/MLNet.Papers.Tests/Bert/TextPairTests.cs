using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Interop;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Pairs that are too long, against the loops of the published program: a piece at a time, from the text that is longer then.</summary>
[TestClass]
public sealed class TextPairTests
{
    private const string First = "abcdefghijkl", Second = "mnopqrstuvwx";

    [TestMethod]
    [DataRow(3), DataRow(4), DataRow(5), DataRow(8), DataRow(11), DataRow(24)]
    public void The_longer_text_loses_its_last_piece_until_both_fit_in_fine_tuning(int maxLength)
    {
        using var small = new SmallBert(hidden: 6, heads: 1, layers: 1, inner: 4, positions: 32, maxLength: maxLength);
        BertModel model = small.Model;
        (int First, int Second)[] lengths = [.. Enumerable.Range(0, 13).SelectMany(first => Enumerable.Range(0, 13).Select(second => (first, second)))];
        IHostEnvironment environment = Host.EnvironmentOf(new MLContext(seed: 1).Transforms);
        using IChannel channel = environment.Start("test");
        var rows = new ClassifiedTexts();
        new LabelledTexts(environment, model, new("Text", "Second"), "Label", channel).Read(
            rows,
            new MemoryView(
            [
                MemoryColumn.Texts("Text", lengths.Select(pair => Words(First, pair.First))),
                MemoryColumn.Texts("Second", lengths.Select(pair => Words(Second, pair.Second))),
                MemoryColumn.Texts("Label", lengths.Select(_ => "")),
            ]),
            _ => () => rows.Add(0));
        var scored = new BertTexts(model);
        for (int row = 0; row < lengths.Length; row++)
        {
            List<char> first = [.. First[..lengths[row].First]], second = [.. Second[..lengths[row].Second]];
            while (first.Count + second.Count > maxLength - 3)
            {
                List<char> longer = first.Count > second.Count ? first : second;
                longer.RemoveAt(longer.Count - 1);
            }

            string expected = $"[CLS]{string.Concat(first)}[SEP]{string.Concat(second)}[SEP]";
            scored.Add(Words(First, lengths[row].First), Words(Second, lengths[row].Second));
            foreach (BertBatch batch in (BertBatch[])[rows.Sequences, scored.Batch])
            {
                Assert.AreEqual(expected, string.Concat(batch.Pieces(row).ToArray().Select(piece => model.Vocabulary[piece])), $"{lengths[row]}");
                Assert.AreEqual(first.Count + 2, batch.Second(row), $"{lengths[row]}");
            }
        }

        Assert.AreEqual(lengths.Count(pair => pair.First + pair.Second > maxLength - 3), scored.Cut);

        static string Words(string letters, int count) => string.Join(' ', letters[..count].ToCharArray());
    }

    [TestMethod]
    public void The_longer_segment_loses_its_first_or_last_piece_until_both_fit_in_pre_training()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            foreach ((int first, int second, int most) in from a in Enumerable.Range(0, 10)
                                                          from b in Enumerable.Range(0, 10)
                                                          from room in Enumerable.Range(0, 14)
                                                          select (a, b, room))
            {
                List<int> left = [.. Enumerable.Range(100, first)], right = [.. Enumerable.Range(200, second)];
                var random = new Random(seed);
                while (left.Count + right.Count > most)
                {
                    List<int> longer = left.Count > right.Count ? left : right;
                    longer.RemoveAt(random.NextDouble() < 0.5 ? 0 : longer.Count - 1);
                }

                SequenceCreation.Segment own = new(100, 100 + first), other = new(200, 200 + second);
                SequenceCreation.Shorten(ref own, ref other, most, new Random(seed));
                CollectionAssert.AreEqual(left, Pieces(own), $"{first} and {second} in {most}");
                CollectionAssert.AreEqual(right, Pieces(other), $"{first} and {second} in {most}");
            }
        }

        static int[] Pieces(SequenceCreation.Segment segment) => [.. Enumerable.Range(segment.Start, segment.Length)];
    }

    [TestMethod]
    public void No_segment_of_a_pair_loses_all_of_its_pieces()
    {
        var builder = new PieceCorpus.Builder();
        var lengths = new Random(1);
        for (int document = 0; document < 40; document++)
        {
            for (int sentence = 0; sentence < 1 + (document % 5); sentence++)
                builder.Add(new int[lengths.Next(1, 40)]);
            builder.EndDocument();
        }

        PieceCorpus corpus = builder.Build();
        for (int seed = 0; seed < 10; seed++)
        {
            foreach (PieceSequence pair in SequenceCreation.Pairs(corpus, [.. Enumerable.Range(0, 40)], 8, new Random(seed)))
                Assert.IsTrue(pair is { Length: > 0, SecondLength: > 0, Count: <= 8 }, $"{pair}");
        }
    }
}
