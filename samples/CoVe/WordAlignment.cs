namespace MLNet.Papers.Samples.CoVe;

/// <summary>Which word of a text each word of its translation comes from: IBM model 1 (Brown et al., "The Mathematics of Statistical Machine Translation", Computational Linguistics 19, 1993).</summary>
internal sealed class WordAlignment
{
    private const int Iterations = 5;

    /// <summary>What has no word of its own in the source.</summary>
    private const string Nothing = "";

    private readonly Dictionary<(string Source, string Target), double> _probabilities = [];

    /// <summary>Learns the probabilities of translations.</summary>
    /// <param name="pairs">Tokens of texts and of their translations.</param>
    /// <param name="cancellation">Stops the learning.</param>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public WordAlignment(IReadOnlyList<TokenPair> pairs, CancellationToken cancellation)
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

    /// <summary>For each word of a text the first word of its translation that comes from it, or null.</summary>
    public string?[] Links(string[] source, string[] target)
    {
        string?[] links = new string?[source.Length];
        foreach (string written in target)
        {
            int best = Enumerable.Range(0, source.Length).MaxBy(i => Probability(source[i], written));
            if (Probability(source[best], written) > Probability(Nothing, written))
                links[best] ??= written;
        }

        return links;
    }

    // Before anything is learned all are equal.
    private double Probability(string word, string written) => _probabilities.Count == 0 ? 1 : _probabilities.GetValueOrDefault((word, written), 1e-12);
}
