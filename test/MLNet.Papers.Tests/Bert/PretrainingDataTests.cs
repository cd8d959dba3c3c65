using MLNet.Papers.Bert;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>What pre-training learns from: sequences of the sentences of documents, and their batches.</summary>
[TestClass]
public sealed class PretrainingDataTests
{
    private const int MaxLength = 32;

    [TestMethod]
    public void Half_of_the_pairs_follow_each_other_and_the_others_come_from_other_documents()
    {
        PieceCorpus corpus = Corpus(documents: 60, sentences: 100);
        int[] documents = [.. Enumerable.Range(0, corpus.DocumentCount)];
        List<PieceSequence> pairs = SequenceCreation.Pairs(corpus, documents, MaxLength, new Random(1));
        Assert.IsGreaterThan(400, pairs.Count);
        foreach (PieceSequence pair in pairs)
        {
            Assert.IsTrue(pair is { Length: > 0, SecondLength: > 0, Count: <= MaxLength }, $"{pair}");
            int first = DocumentOf(corpus, pair.Start), second = DocumentOf(corpus, pair.SecondStart);
            Assert.AreEqual(first, DocumentOf(corpus, pair.Start + pair.Length - 1));
            Assert.AreEqual(second, DocumentOf(corpus, pair.SecondStart + pair.SecondLength - 1));
            Assert.AreEqual(pair.IsRandom, first != second, "A random segment is of another document, one that follows of the same.");
            if (!pair.IsRandom)
                Assert.IsGreaterThanOrEqualTo(pair.Start + pair.Length, pair.SecondStart);
        }

        Assert.AreEqual(0.5, pairs.Count(pair => pair.IsRandom) / (double)pairs.Count, 0.08);
        // Most are as long as they can be; a tenth of the documents have short ones.
        Assert.AreEqual(0.9, pairs.Count(pair => pair.Count >= MaxLength - 8) / (double)pairs.Count, 0.07);
    }

    [TestMethod]
    public void Sentences_that_a_random_segment_has_replaced_come_in_the_next_pair()
    {
        // Without shortening, for all sentences have one piece, every piece is in one first segment, or in one that follows it.
        PieceCorpus corpus = Corpus([.. Enumerable.Repeat(Enumerable.Repeat(1, 50).ToArray(), 5)]);
        List<PieceSequence> pairs = SequenceCreation.Pairs(corpus, [0, 1, 2, 3, 4], MaxLength, new Random(2));
        List<int> seen = [];
        foreach (PieceSequence pair in pairs)
        {
            seen.AddRange(Enumerable.Range(pair.Start, pair.Length));
            if (!pair.IsRandom)
                seen.AddRange(Enumerable.Range(pair.SecondStart, pair.SecondLength));
        }

        CollectionAssert.AreEqual(Enumerable.Range(0, corpus.PieceCount).ToArray(), seen);
    }

    [TestMethod]
    public void A_document_of_one_sentence_is_never_followed()
    {
        PieceCorpus corpus = Corpus([[9], [5, 5], [4]]);
        for (int seed = 0; seed < 20; seed++)
        {
            List<PieceSequence> pairs = SequenceCreation.Pairs(corpus, [0, 2], MaxLength, new Random(seed));
            Assert.HasCount(2, pairs);
            Assert.AreEqual(new PieceSequence(0, 9, 19, 4, IsRandom: true), pairs[0]);
            Assert.AreEqual(new PieceSequence(19, 4, 0, 9, IsRandom: true), pairs[1]);
        }
    }

    [TestMethod]
    public void The_longer_segment_loses_pieces_at_both_ends()
    {
        HashSet<(int, int)> starts = [];
        for (int seed = 0; seed < 40; seed++)
        {
            SequenceCreation.Segment first = new(100, 110), second = new(200, 204);
            SequenceCreation.Shorten(ref first, ref second, 9, new Random(seed));
            // 10 and 4: five go from the first; at 4 and 5 the second would be the longer one.
            Assert.AreEqual((5, 4), (first.Length, second.Length));
            starts.Add((first.Start, second.Start));
        }

        Assert.IsGreaterThan(3, starts.Count);
        Assert.IsTrue(starts.All(start => start.Item2 == 200 && start.Item1 is >= 100 and <= 105));
    }

    [TestMethod]
    public void Single_segments_are_whole_sentences_as_long_as_they_fit()
    {
        // At most 8 pieces beside two marks: 3 + 4, then 5, then 20 in parts of 8, 8 and 4; the next document begins anew.
        PieceCorpus corpus = Corpus([[3, 4, 5, 20, 2], [1]]);
        PieceSequence[] expected = [new(0, 7), new(7, 5), new(12, 8), new(20, 8), new(28, 4), new(32, 2), new(34, 1)];
        CollectionAssert.AreEqual(expected, SequenceCreation.Segments(corpus, [0, 1], 10));
        CollectionAssert.AreEqual(expected[^1..], SequenceCreation.Segments(corpus, [1], 10));
    }

    [TestMethod]
    public void Batches_hold_every_sequence_once_an_epoch_and_are_of_about_one_length()
    {
        var random = new Random(3);
        List<PieceSequence> all = [.. Enumerable.Range(0, 1_003).Select(number => new PieceSequence(number, random.Next(1, 100)))];
        PretrainingBatches batches = new(_ => [.. all], 16, seed: 4), again = new(_ => [.. all], 16, seed: 4);
        Assert.AreEqual(63, batches.StepsPerEpoch);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            PieceSequence[][] found = [.. Enumerable.Range(epoch * 63, 63).Select(step => batches.At(step))];
            CollectionAssert.AreEquivalent(all, found.SelectMany(batch => batch).ToArray());
            Assert.IsTrue(found.All(batch => batch.Length is 15 or 16));
            double places = found.Sum(batch => (double)batch.Length * batch.Max(sequence => sequence.Count));
            Assert.IsLessThan(0.2, 1 - (all.Sum(sequence => sequence.Count) / places), "Padding.");
        }

        // A training that goes on elsewhere has the same ones.
        CollectionAssert.AreEqual(batches.At(70), again.At(70));
        CollectionAssert.AreNotEqual(batches.At(7), batches.At(70));
    }

    [TestMethod]
    public void An_epoch_with_another_number_of_sequences_has_as_many_steps()
    {
        int[] counts = [40, 40, 38, 45, 3];
        int epoch = -1;
        PretrainingBatches batches = new(_ => [.. Enumerable.Range(0, counts[++epoch]).Select(number => new PieceSequence(number, 5))], 8, seed: 5);
        Assert.AreEqual(5, batches.StepsPerEpoch);
        for (int i = 1; i < counts.Length; i++)
        {
            PieceSequence[][] found = [.. Enumerable.Range((i - 1) * 5, 5).Select(step => batches.At(step))];
            Assert.IsTrue(found.All(batch => batch.Length > 0));
            CollectionAssert.AreEquivalent(
                Enumerable.Range(0, counts[i]).ToArray(), found.SelectMany(batch => batch).Select(one => one.Start).Distinct().ToArray());
        }
    }

    [TestMethod]
    public void A_batch_has_marks_segments_and_padding_in_their_places()
    {
        using DisposeScope scope = NewDisposeScope();
        PieceCorpus corpus = Corpus([[2, 3], [4]]);  // pieces 10 to 18
        var marks = new SequenceMarks(Classification: 2, Separator: 3);
        PieceSequence[] sequences = [new(0, 2), new(2, 3, 5, 2, IsRandom: true)];
        PretrainingBatch batch = PretrainingBatch.Create(corpus, sequences, marks, new WordMasking(30, mask: 4, 0.15), new Random(1), CPU);
        long[] pieces = batch.Inputs.Pieces.data<long>().ToArray(),
            targets = batch.Targets.data<long>().ToArray(),
            places = batch.Places.data<long>().ToArray();
        CollectionAssert.AreEqual(new long[] { 2, 8 }, batch.Inputs.Pieces.shape);
        Assert.HasCount(2, places);
        Assert.IsTrue(places[0] is 1 or 2 && places[1] is >= 9 and <= 14 and not 12, string.Join(' ', places));
        foreach ((long place, long target) in places.Zip(targets))
            pieces[place] = target;
        CollectionAssert.AreEqual(new long[] { 2, 10, 11, 3, 0, 0, 0, 0, 2, 12, 13, 14, 3, 15, 16, 3 }, pieces);
        CollectionAssert.AreEqual(new long[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1 }, batch.Inputs.Segments.data<long>().ToArray());
        CollectionAssert.AreEqual(
            new[] { true, true, true, true, false, false, false, false, true, true, true, true, true, true, true, true },
            batch.Inputs.Present!.data<bool>().ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 1 }, batch.IsRandom.data<long>().ToArray());
    }

    private static int DocumentOf(PieceCorpus corpus, int place) => Enumerable.Range(0, corpus.DocumentCount).Single(document =>
        place >= corpus.Start(corpus.Document(document).First) && place < corpus.Start(corpus.Document(document).End));

    private static PieceCorpus Corpus(int documents, int sentences)
    {
        var random = new Random(7);
        return Corpus([.. Enumerable.Range(0, documents).Select(_ => Enumerable.Range(0, sentences).Select(_ => random.Next(1, 12)).ToArray())]);
    }

    // Documents whose sentences have so many pieces, numbered from 10 on.
    private static PieceCorpus Corpus(int[][] documents)
    {
        var builder = new PieceCorpus.Builder();
        foreach (int[] document in documents)
        {
            foreach (int pieces in document)
                builder.Add([.. Enumerable.Range(10 + builder.PieceCount, pieces)]);
            builder.EndDocument();
        }

        return builder.Build();
    }
}
