namespace MLNet.Papers.Samples.CoVe;

/// <summary>
/// How near translations are to those of people: Papineni, Roukos, Ward and Zhu, "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL 2002.
/// </summary>
internal static class Bleu
{
    private const int Longest = 4;

    /// <summary>BLEU of a whole test set with one reference each, in percent, without smoothing.</summary>
    /// <param name="translations">The tokens of each translation.</param>
    /// <param name="references">The tokens of what a person wrote, as many.</param>
    public static double Of(IReadOnlyList<string[]> translations, IReadOnlyList<string[]> references)
    {
        long[] right = new long[Longest], all = new long[Longest];
        long length = 0, expected = 0;
        for (int i = 0; i < translations.Count; i++)
        {
            length += translations[i].Length;
            expected += references[i].Length;
            for (int n = 1; n <= Longest; n++)
            {
                Dictionary<string, int> said = Ngrams(translations[i], n), meant = Ngrams(references[i], n);
                all[n - 1] += said.Values.Sum();
                right[n - 1] += said.Sum(ngram => Math.Min(ngram.Value, meant.GetValueOrDefault(ngram.Key)));
            }
        }

        if (right.Contains(0))
            return 0;
        double precision = right.Zip(all, (part, whole) => Math.Log((double)part / whole)).Average();
        return 100 * Math.Exp(precision + Math.Min(0, 1 - ((double)expected / length)));
    }

    private static Dictionary<string, int> Ngrams(string[] tokens, int n)
    {
        var counts = new Dictionary<string, int>();
        for (int first = 0; first + n <= tokens.Length; first++)
        {
            string ngram = string.Join(' ', tokens, first, n);
            counts[ngram] = counts.GetValueOrDefault(ngram) + 1;
        }

        return counts;
    }
}
