using MLNet.Papers.Samples.CoVe;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>Whether words are linked to what they were translated by, and articles that English lacks to nothing.</summary>
[TestClass]
public sealed class WordAlignmentTests
{
    private static readonly TokenPair[] Pairs =
    [
        Pair("people walk", "des gens marchent"),
        Pair("people sleep", "des gens dorment"),
        Pair("dogs walk", "des chiens marchent"),
        Pair("dogs sleep", "des chiens dorment"),
        Pair("cats walk", "des chats marchent"),
        Pair("cats eat", "des chats mangent"),
        Pair("people eat", "des gens mangent"),
    ];

    [TestMethod]
    public void Words_are_linked_to_their_translations_and_not_to_an_article_beside_them()
    {
        var alignment = new WordAlignment(Pairs, CancellationToken.None);

        foreach ((string[] source, string[] target) in Pairs)
            CollectionAssert.AreEqual(target[1..], alignment.Links(source, target), string.Join(' ', source));
    }

    [TestMethod]
    public void A_word_without_a_translation_is_linked_to_nothing()
    {
        string?[] links = new WordAlignment(Pairs, CancellationToken.None).Links(["people", "never", "sleep"], ["des", "gens", "dorment"]);

        CollectionAssert.AreEqual(new[] { "gens", null, "dorment" }, links);
    }

    [TestMethod]
    public void Learning_stops_when_it_is_cancelled() =>
        Assert.ThrowsExactly<OperationCanceledException>(() => new WordAlignment(Pairs, new CancellationToken(canceled: true)));

    private static TokenPair Pair(string source, string target) => new(source.Split(' '), target.Split(' '));
}
