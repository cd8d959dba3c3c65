using MLNet.Papers.Bert;

namespace MLNet.Papers.Tests.Bert;

/// <summary>How an answer is chosen in a context, and how long contexts are read.</summary>
[TestClass]
public sealed class AnswerSpanTests
{
    [TestMethod]
    public void The_end_is_never_before_the_start()
    {
        // Alone, the best start is 3 and the best end 1.
        Assert.AreEqual(new AnswerSpan(0, 1, 5), AnswerSpan.Best([1, 0, 0, 4], [0, 4, 0, 0.5f], longest: 10));
    }

    [TestMethod]
    public void An_answer_is_no_longer_than_allowed()
    {
        Assert.AreEqual(new AnswerSpan(0, 3, 9), AnswerSpan.Best([5, 0, 0, 1], [1, 0, 0, 4], longest: 4));
        Assert.AreEqual(new AnswerSpan(0, 0, 6), AnswerSpan.Best([5, 0, 0, 1], [1, 0, 0, 4], longest: 3));
        Assert.AreEqual(new AnswerSpan(1, 1, 3), AnswerSpan.Best([0, 2], [0, 1], longest: int.MaxValue));
    }

    [TestMethod]
    public void Windows_cover_the_context_and_overlap()
    {
        CollectionAssert.AreEqual(new[] { (0, 7) }, AnswerSpan.Windows(7, room: 10, stride: 3).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 10) }, AnswerSpan.Windows(10, room: 10, stride: 3).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 10), (3, 9) }, AnswerSpan.Windows(12, room: 10, stride: 3).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 10), (5, 9) }, AnswerSpan.Windows(14, room: 10, stride: 100).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 0) }, AnswerSpan.Windows(0, room: 10, stride: 3).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 1), (1, 1), (2, 1) }, AnswerSpan.Windows(3, room: 1, stride: 8).ToArray());
        foreach ((int pieces, int room, int stride) in ((int, int, int)[])[(100, 17, 5), (33, 8, 128), (9, 2, 1)])
        {
            (int First, int Count)[] windows = [.. AnswerSpan.Windows(pieces, room, stride)];
            Assert.AreEqual(pieces, windows[^1].First + windows[^1].Count);
            // Each answer of half the room stands whole in a window.
            for (int start = 0; start + (room / 2) <= pieces; start++)
                Assert.IsTrue(windows.Any(window => window.First <= start && start + (room / 2) <= window.First + window.Count), $"{pieces} {room} {start}");
        }
    }
}
