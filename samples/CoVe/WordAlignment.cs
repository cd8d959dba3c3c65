namespace MLNet.Papers.Samples.CoVe;

/// <summary>
/// Which word of a text was translated by which word of its translation: where IBM model 1 (Brown et al., "The Mathematics of Statistical Machine Translation", Computational Linguistics 19,
/// 1993) says so in both directions. One direction alone would link a French article to a noun whose English article is missing.
/// </summary>
/// <param name="pairs">Tokens of texts and of their translations, to learn from.</param>
/// <param name="cancellation">Stops the learning.</param>
/// <exception cref="OperationCanceledException">The user stopped the run.</exception>
internal sealed class WordAlignment(IReadOnlyList<TokenPair> pairs, CancellationToken cancellation)
{
    private readonly WordOrigins _forward = new(pairs, cancellation);
    private readonly WordOrigins _backward = new([.. pairs.Select(pair => new TokenPair(pair.Target, pair.Source))], cancellation);

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

    /// <summary>What has no word of its own in the source.</summary>
    private const string Nothing = "";

    private readonly Dictionary<(string Source, string Target), double> _probabilities = [];

    /// <summary>Learns the probabilities of translations.</summary>
    /// <param name="pairs">Tokens of texts and of their translations.</param>
    /// <param name="cancellation">Stops the learning.</param>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public WordOrigins(IReadOnlyList<TokenPair> pairs, CancellationToken cancellation)
    {
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            var counts = new Dictionary<(string, string), double>();
            var totals = new Dictionary<string, double>();
            foreach ((string[] source, string[] target) in pairs)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (string written in target)
                {
                    double[] shares = [Probability(Nothing, written), .. source.Select(word => Probability(word, written))];
                    double sum = shares.Sum();
                    for (int i = 0; i < shares.Length; i++)
                    {
                        string word = i == 0 ? Nothing : source[i - 1];
                        counts[(word, written)] = counts.GetValueOrDefault((word, written)) + (shares[i] / sum);
                        totals[word] = totals.GetValueOrDefault(word) + (shares[i] / sum);
                    }
                }
            }

            _probabilities.Clear();
            foreach (((string word, string written), double count) in counts)
                _probabilities[(word, written)] = count / totals[word];
        }
    }

    /// <summary>For each word of a translation the place of the word that it comes from, or null.</summary>
    public int?[] Find(string[] source, string[] target) => Array.ConvertAll(target, written =>
    {
        int best = Enumerable.Range(0, source.Length).MaxBy(i => Probability(source[i], written));
        return Probability(source[best], written) > Probability(Nothing, written) ? best : (int?)null;
    });

    // Before anything is learned all are equal.
    private double Probability(string word, string written) => _probabilities.Count == 0 ? 1 : _probabilities.GetValueOrDefault((word, written), 1e-12);
}
