using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>
/// Which word of a text was translated by which word of its translation: where IBM model 1 (Brown et al., "The Mathematics of Statistical Machine Translation",
/// Computational Linguistics 19, 1993) says so in both directions. One direction alone would link a French article to a noun whose English article is missing.
/// </summary>
/// <param name="pairs">Tokens of texts and of their translations, to learn from.</param>
/// <param name="cancellation">Stops the learning.</param>
/// <exception cref="OperationCanceledException">The user stopped the run.</exception>
internal sealed class WordAlignment(IReadOnlyList<TokenPair> pairs, CancellationToken cancellation)
{
    private readonly WordOrigins _forward = new(pairs, cancellation);
    private readonly WordOrigins _backward = new(pairs.Select(pair => new TokenPair(pair.Target, pair.Source)), cancellation);

    /// <summary>For each word of a text the word of its translation that comes from it and that it comes from, or null.</summary>
    public string?[] Links(string[] source, string[] target)
    {
        int?[] ofTarget = _forward.Find(source, target), ofSource = _backward.Find(target, source);
        return [.. ofSource.Select((place, word) => place is { } written && ofTarget[written] == word ? target[written] : null)];
    }
}

/// <summary>IBM model 1: each word of a translation comes from one word of the text, or from none, wherever the two stand.</summary>
internal sealed class WordOrigins
{
    private const int Iterations = 5;

    /// <summary>The number of what has no word of its own in the source.</summary>
    private const int Nothing = 0;

    private readonly Dictionary<string, int> _sourceWords = new() { [""] = Nothing };
    private readonly Dictionary<string, int> _targetWords = [];
    private readonly Dictionary<(int Source, int Target), double> _probabilities = [];

    /// <summary>Learns the probabilities of translations.</summary>
    /// <param name="pairs">Tokens of texts and of their translations.</param>
    /// <param name="cancellation">Stops the learning.</param>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public WordOrigins(IEnumerable<TokenPair> pairs, CancellationToken cancellation)
    {
        (int[] Source, int[] Target)[] numbered =
        [
            .. pairs.Select(
                pair => (
                    pair.Source.Select(word => Number(_sourceWords, word)).Prepend(Nothing).ToArray(),
                    Array.ConvertAll(pair.Target, word => Number(_targetWords, word)))),
        ];
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            var counts = new Dictionary<(int, int), double>();
            double[] totals = new double[_sourceWords.Count];
            foreach ((int[] source, int[] target) in numbered)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (int written in target)
                {
                    // Before anything is learned all are equal.
                    double[] shares = Array.ConvertAll(source, word => iteration == 0 ? 1 : Probability(word, written));
                    double sum = shares.Sum();
                    foreach ((int word, double share) in source.Zip(shares))
                    {
                        CollectionsMarshal.GetValueRefOrAddDefault(counts, (word, written), out _) += share / sum;
                        totals[word] += share / sum;
                    }
                }
            }

            foreach (((int word, int written), double count) in counts)
                _probabilities[(word, written)] = count / totals[word];
        }
    }

    /// <summary>For each word of a translation the place of the word that it comes from, or null.</summary>
    public int?[] Find(string[] source, string[] target) => Array.ConvertAll(target, written =>
    {
        int number = _targetWords.GetValueOrDefault(written, -1);
        double[] probabilities = Array.ConvertAll(source, word => Probability(_sourceWords.GetValueOrDefault(word, -1), number));
        int best = TensorPrimitives.IndexOfMax<double>(probabilities);
        return probabilities[best] > Probability(Nothing, number) ? best : (int?)null;
    });

    private double Probability(int word, int written) => _probabilities.GetValueOrDefault((word, written), 1e-12);

    private static int Number(Dictionary<string, int> words, string word)
    {
        if (!words.TryGetValue(word, out int number))
            words[word] = number = words.Count;
        return number;
    }
}
