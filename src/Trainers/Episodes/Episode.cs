namespace MLNet.Papers.Episodes;

/// <summary>One task: some classes, and for each of them different rows as support and as queries.</summary>
/// <param name="Classes">The classes drawn, by their place among the sampler's classes; W of them.</param>
/// <param name="Support">W × S rows, the shots of a class side by side.</param>
/// <param name="Queries">W × Q rows, the queries of a class side by side.</param>
internal sealed record Episode(int[] Classes, int[] Support, int[] Queries);

/// <summary>Draws episodes as Algorithm 1 of Snell, Swersky and Zemel (2017) does: classes without repeats, and in each of them rows without repeats.</summary>
/// <param name="rows">For each class its rows; each has at least <paramref name="shots"/> + <paramref name="queries"/>.</param>
/// <param name="ways">W, classes in an episode; at most as many as there are.</param>
/// <param name="shots">S, support rows a class.</param>
/// <param name="queries">Q, query rows a class.</param>
internal sealed class EpisodeSampler(IReadOnlyList<int[]> rows, int ways, int shots, int queries)
{
    public int Ways => ways;

    public Episode Draw(Random random)
    {
        int[] classes = Choose(rows.Count, ways, random);
        int[] support = new int[ways * shots], query = new int[ways * queries];
        for (int way = 0; way < ways; way++)
        {
            int[] members = rows[classes[way]];
            int[] chosen = Choose(members.Length, shots + queries, random);
            for (int i = 0; i < shots; i++)
                support[(way * shots) + i] = members[chosen[i]];
            for (int i = 0; i < queries; i++)
                query[(way * queries) + i] = members[chosen[shots + i]];
        }

        return new Episode(classes, support, query);
    }

    // The first steps of a Fisher-Yates shuffle of 0 .. count - 1.
    private static int[] Choose(int count, int chosen, Random random)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        for (int i = 0; i < chosen; i++)
        {
            int other = random.Next(i, count);
            (all[i], all[other]) = (all[other], all[i]);
        }

        return all[..chosen];
    }
}
