namespace MLNet.Papers.Elmo;

/// <summary>Keeps the context-free vectors of tokens that came lately. Safe to share between threads.</summary>
/// <remarks>
/// There are two generations: when the younger one is full it becomes the older one, whose vectors are forgotten. A vector that is found in the older one moves
/// to the younger, so that those in use stay. A vector is the same whether it was kept or computed anew.
/// </remarks>
/// <param name="capacity">The most vectors of a generation.</param>
internal sealed class TokenVectorCache(int capacity)
{
    private readonly Lock _gate = new();
    private Dictionary<string, float[]> _younger = [];
    private Dictionary<string, float[]> _older = [];

    /// <summary>The vectors of tokens.</summary>
    /// <param name="tokens">The tokens, each once.</param>
    /// <param name="compute">Computes the vectors of those that are not there.</param>
    public Dictionary<string, float[]> Get(IReadOnlyCollection<string> tokens, Func<IReadOnlyList<string>, float[][]> compute)
    {
        var vectors = new Dictionary<string, float[]>(tokens.Count);
        var missing = new List<string>();
        lock (_gate)
        {
            foreach (string token in tokens)
            {
                if (_younger.TryGetValue(token, out float[]? vector))
                    vectors[token] = vector;
                else if (_older.TryGetValue(token, out vector))
                    Add(token, vectors[token] = vector);
                else
                    missing.Add(token);
            }
        }

        if (missing.Count == 0)
            return vectors;
        float[][] computed = compute(missing);
        lock (_gate)
        {
            for (int i = 0; i < missing.Count; i++)
                Add(missing[i], vectors[missing[i]] = computed[i]);
        }

        return vectors;
    }

    private void Add(string token, float[] vector)
    {
        if (_younger.Count >= capacity)
            (_older, _younger) = (_younger, []);
        _younger[token] = vector;
    }
}
