namespace MLNet.Papers.Bert;

/// <summary>Makes sequences to learn from of the sentences of documents, as the published program does: section 3.1 and appendix A.2.</summary>
internal static class SequenceCreation
{
    private const double ShortPart = 0.1;
    private const double RandomPart = 0.5;

    /// <summary>Pairs of segments: in half of them the second follows the first, in the others it comes from another document.</summary>
    /// <param name="corpus">The texts.</param>
    /// <param name="documents">The documents to learn from; at least two.</param>
    /// <param name="maxLength">The most pieces of a sequence with its marks.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="check">Called for every document; throws to stop.</param>
    public static List<PieceSequence> Pairs(
        PieceCorpus corpus, IReadOnlyList<int> documents, int maxLength, Random random, Action? check = null)
    {
        int most = maxLength - PieceSequence.PairMarks;
        var pairs = new List<PieceSequence>();
        for (int index = 0; index < documents.Count; index++)
        {
            check?.Invoke();
            int target = random.NextDouble() < ShortPart ? random.Next(2, most + 1) : most;
            (int sentence, int end) = corpus.Document(documents[index]);
            while (sentence < end)
            {
                int next = EndOfChunk(corpus, sentence, end, target);
                int middle = next - sentence > 1 ? random.Next(sentence + 1, next) : next;
                Segment first = new(corpus.Start(sentence), corpus.Start(middle)), second;
                bool isRandom = middle == next || random.NextDouble() < RandomPart;
                if (isRandom)
                {
                    // The sentences that are not used are those that the next chunk begins with.
                    second = Elsewhere(corpus, documents, index, target - first.Length, random);
                    next = middle;
                }
                else
                {
                    second = new(corpus.Start(middle), corpus.Start(next));
                }

                Shorten(ref first, ref second, most, random);
                pairs.Add(new(first.Start, first.Length, second.Start, second.Length, isRandom));
                sentence = next;
            }
        }

        return pairs;
    }

    /// <summary>Single segments: whole sentences of a document as long as they fit, and longer sentences in pieces.</summary>
    /// <param name="corpus">The texts.</param>
    /// <param name="documents">The documents to learn from.</param>
    /// <param name="maxLength">The most pieces of a sequence with its marks.</param>
    /// <param name="check">Called for every document; throws to stop.</param>
    public static List<PieceSequence> Segments(PieceCorpus corpus, IReadOnlyList<int> documents, int maxLength, Action? check = null)
    {
        int most = maxLength - PieceSequence.SingleMarks;
        var segments = new List<PieceSequence>();
        foreach (int document in documents)
        {
            check?.Invoke();
            (int sentence, int end) = corpus.Document(document);
            while (sentence < end)
            {
                int start = corpus.Start(sentence++);
                while (sentence < end && corpus.Start(sentence + 1) - start <= most)
                    sentence++;
                for (int stop = corpus.Start(sentence); start < stop; start += most)
                    segments.Add(new(start, Math.Min(most, stop - start)));
            }
        }

        return segments;
    }

    /// <summary>Takes pieces from the longer of two segments, from its front or back by chance, until both fit.</summary>
    /// <param name="first">A.</param>
    /// <param name="second">B.</param>
    /// <param name="most">The most pieces of both together.</param>
    /// <param name="random">Where chance comes from.</param>
    internal static void Shorten(ref Segment first, ref Segment second, int most, Random random)
    {
        while (first.Length + second.Length > most)
        {
            bool fromFront = random.NextDouble() < 0.5;
            if (first.Length > second.Length)
                first = first.WithoutOne(fromFront);
            else
                second = second.WithoutOne(fromFront);
        }
    }

    // The sentence behind the one that reaches the target.
    private static int EndOfChunk(PieceCorpus corpus, int sentence, int end, int target)
    {
        int next = sentence + 1;
        while (next < end && corpus.Start(next) - corpus.Start(sentence) < target)
            next++;
        return next;
    }

    // Sentences of another document, from a random one on.
    private static Segment Elsewhere(PieceCorpus corpus, IReadOnlyList<int> documents, int own, int target, Random random)
    {
        int other = random.Next(documents.Count - 1);
        (int first, int end) = corpus.Document(documents[other < own ? other : other + 1]);
        int start = random.Next(first, end);
        return new(corpus.Start(start), corpus.Start(EndOfChunk(corpus, start, end, target)));
    }

    /// <summary>Some pieces of a corpus.</summary>
    /// <param name="Start">Where they begin.</param>
    /// <param name="End">Behind the last.</param>
    internal readonly record struct Segment(int Start, int End)
    {
        public int Length => End - Start;

        public Segment WithoutOne(bool fromFront) => fromFront ? this with { Start = Start + 1 } : this with { End = End - 1 };
    }
}
