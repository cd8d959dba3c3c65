using MLNet.Papers.Episodes;

namespace MLNet.Papers.Tests.Episodes;

[TestClass]
public sealed class EpisodeSamplerTests
{
    // Class k has the rows 100 k, 100 k + 1, ...; the classes have 4, 5, 6, 7 and 8 rows.
    private static readonly int[][] Rows = [.. Enumerable.Range(0, 5).Select(k => Enumerable.Range(100 * k, 4 + k).ToArray())];

    [TestMethod]
    public void An_episode_has_different_classes_and_in_each_different_rows()
    {
        var sampler = new EpisodeSampler(Rows, ways: 3, shots: 1, queries: 3);
        for (int i = 0; i < 200; i++)
        {
            Episode episode = sampler.Draw(new Random(i));
            Assert.HasCount(3, episode.Classes.Distinct().ToArray());
            Assert.HasCount(3, episode.Support);
            Assert.HasCount(9, episode.Queries);
            Assert.HasCount(12, episode.Support.Concat(episode.Queries).Distinct().ToArray());
        }
    }

    [TestMethod]
    public void Support_and_queries_stand_class_by_class()
    {
        Episode episode = new EpisodeSampler(Rows, ways: 4, shots: 2, queries: 2).Draw(new Random(1));
        CollectionAssert.AreEqual(episode.Classes.SelectMany(index => new[] { index, index }).ToArray(), episode.Support.Select(row => row / 100).ToArray());
        CollectionAssert.AreEqual(episode.Classes.SelectMany(index => new[] { index, index }).ToArray(), episode.Queries.Select(row => row / 100).ToArray());
    }

    [TestMethod]
    public void All_rows_of_a_class_may_be_used_up()
    {
        Episode episode = new EpisodeSampler([[7, 8, 9]], ways: 1, shots: 1, queries: 2).Draw(new Random(1));
        CollectionAssert.AreEquivalent(new[] { 7, 8, 9 }, episode.Support.Concat(episode.Queries).ToArray());
    }

    [TestMethod]
    public void Every_class_and_every_row_comes_as_often()
    {
        // 6000 episodes of 2 of 5 classes: each class 2400 times, standard deviation sqrt(6000 * 0.4 * 0.6) = 38; each of the 8 rows of the last is support 300
        // times, deviation 17.
        var sampler = new EpisodeSampler(Rows, ways: 2, shots: 1, queries: 1);
        var random = new Random(5);
        int[] classes = new int[5], support = new int[8];
        for (int i = 0; i < 6000; i++)
        {
            Episode episode = sampler.Draw(random);
            foreach (int index in episode.Classes)
                classes[index]++;
            foreach (int row in episode.Support.Where(row => row >= 400))
                support[row - 400]++;
        }

        foreach (int count in classes)
            Assert.AreEqual(2400, count, 4 * 38);
        foreach (int count in support)
            Assert.AreEqual(300, count, 4 * 17);
    }

    [TestMethod]
    public void The_same_seed_draws_the_same_episode()
    {
        var sampler = new EpisodeSampler(Rows, ways: 3, shots: 1, queries: 3);
        Episode first = sampler.Draw(new Random(3)), second = sampler.Draw(new Random(3)), third = sampler.Draw(new Random(4));
        CollectionAssert.AreEqual(first.Support, second.Support);
        CollectionAssert.AreEqual(first.Queries, second.Queries);
        CollectionAssert.AreNotEqual(first.Queries, third.Queries);
    }
}
