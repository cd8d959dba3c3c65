using System.Collections.Concurrent;

namespace MLNet.Papers.Texts;

/// <summary>Sentences that go through a network side by side, the longest first.</summary>
/// <param name="Numbers">Their numbers.</param>
/// <param name="Sentences">Their tokens.</param>
internal sealed record SentenceGroup(int[] Numbers, string[][] Sentences)
{
    // Whole groups of the six rows that a dense layer computes at once; more of them would leave one thread to wait for the other.
    private const int Size = 24;
    private const long LeastParallelWork = 4_000_000;
    private const int LeastCut = 8;
    private const long MostValues = 1L << 26;

    /// <summary>Puts sentences of about one length together; those without tokens are passed over.</summary>
    /// <param name="sentences">The sentences.</param>
    /// <param name="valuesOfAToken">Values that a token needs in the network: a group is as small as memory demands.</param>
    public static IReadOnlyList<SentenceGroup> Of(IReadOnlyList<string[]> sentences, long valuesOfAToken)
    {
        int[] order = [.. Enumerable.Range(0, sentences.Count).Where(i => sentences[i].Length > 0).OrderByDescending(i => sentences[i].Length)];
        var groups = new List<SentenceGroup>();
        for (int first = 0; first < order.Length;)
        {
            // The first sentence of a group is its longest.
            int size = (int)Math.Clamp(MostValues / (valuesOfAToken * (sentences[order[first]].Length + 1)), 1, Size);
            int[] group = order[first..Math.Min(order.Length, first + size)];
            groups.Add(new SentenceGroup(group, [.. group.Select(i => sentences[i])]));
            first += group.Length;
        }

        return groups;
    }

    /// <summary>Runs groups, on several threads where that is worth while.</summary>
    /// <param name="groups">At least one.</param>
    /// <param name="workOfAToken">Multiply-adds.</param>
    /// <param name="run">Runs one of them.</param>
    public static void Run(IReadOnlyList<SentenceGroup> groups, long workOfAToken, Action<SentenceGroup> run)
    {
        long work = workOfAToken * groups.Sum(group => group.Sentences.Sum(sentence => (long)sentence.Length));
        if (work < LeastParallelWork || Environment.ProcessorCount == 1 || (groups.Count == 1 && groups[0].Numbers.Length < LeastCut))
        {
            foreach (SentenceGroup group in groups)
                run(group);
            return;
        }

        // A single group is cut, so that its halves run at the same time.
        IEnumerable<SentenceGroup> parts = groups.Count > 1
            ? groups
            : groups[0].Numbers.Zip(groups[0].Sentences).Chunk((groups[0].Numbers.Length + 1) / 2)
                .Select(part => new SentenceGroup([.. part.Select(pair => pair.First)], [.. part.Select(pair => pair.Second)]));
        // The longest first, one at a time: whoever has done one takes the next.
        Parallel.ForEach(Partitioner.Create(parts, EnumerablePartitionerOptions.NoBuffering), run);
    }
}
