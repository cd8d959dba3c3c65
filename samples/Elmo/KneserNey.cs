namespace MLNet.Papers.Samples.Elmo;

/// <summary>
/// An n-gram language model with interpolated Kneser-Ney smoothing (Kneser and Ney 1995; one discount for each order, from the counts of n-grams that occur
/// once and twice).
/// </summary>
internal sealed class KneserNey
{
    private readonly int _order;
    private readonly int _words;
    private readonly Dictionary<Gram, int>[] _counts;
    private readonly Dictionary<Gram, (long Sum, int Different)>[] _contexts;
    private readonly double[] _discounts;

    /// <param name="order">n.</param>
    /// <param name="words">How many different words can be predicted.</param>
    /// <param name="sentences">Numbers of words; from 1 on what is predicted, 0 the mark before a sentence. A sentence ends with a mark of its own.</param>
    public KneserNey(int order, int words, IEnumerable<int[]> sentences)
    {
        (_order, _words) = (order, words);
        _counts = [.. Enumerable.Range(0, order).Select(_ => new Dictionary<Gram, int>())];
        foreach (int[] sentence in sentences)
        {
            for (int place = 0; place < sentence.Length; place++)
                Increment(_counts[order - 1], Gram.Before(sentence, place, order));
        }

        // A shorter n-gram counts for as often as it has another word before it; where it begins with a mark nothing else stands before it, and its own
        // occurrences count.
        for (int length = order - 1; length >= 1; length--)
        {
            foreach ((Gram gram, int count) in _counts[length])
            {
                Gram shorter = gram.WithoutFirst(length + 1);
                Increment(_counts[length - 1], shorter, shorter.First(length) == 0 ? count : 1);
            }
        }

        _contexts = [.. _counts.Select(Contexts)];
        _discounts = [.. _counts.Select(counts =>
        {
            double once = counts.Values.Count(count => count == 1), twice = counts.Values.Count(count => count == 2);
            return once > 0 ? once / (once + (2 * twice)) : 0;
        })];
    }

    /// <summary>The exponential of the mean negative log-probability of all words of sentences, their ends included.</summary>
    public double Perplexity(IEnumerable<int[]> sentences)
    {
        double sum = 0;
        long count = 0;
        foreach (int[] sentence in sentences)
        {
            for (int place = 0; place < sentence.Length; place++, count++)
                sum -= Math.Log(Probability(Gram.Before(sentence, place, _order), _order));
        }

        return Math.Exp(sum / count);
    }

    /// <summary>p(last word | the words before it).</summary>
    public double Probability(Gram gram, int length)
    {
        if (length == 0)
            return 1.0 / _words;
        double lower = Probability(gram.WithoutFirst(length), length - 1);
        if (!_contexts[length - 1].TryGetValue(gram.WithoutLast(), out (long Sum, int Different) context))
            return lower;
        double discount = _discounts[length - 1];
        double own = Math.Max(0, _counts[length - 1].GetValueOrDefault(gram) - discount);
        return (own + (discount * context.Different * lower)) / context.Sum;
    }

    private static void Increment(Dictionary<Gram, int> counts, Gram gram, int by = 1) =>
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, gram, out _) += by;

    private static Dictionary<Gram, (long Sum, int Different)> Contexts(Dictionary<Gram, int> counts)
    {
        var contexts = new Dictionary<Gram, (long Sum, int Different)>();
        foreach ((Gram gram, int count) in counts)
        {
            ref (long Sum, int Different) context = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                contexts, gram.WithoutLast(), out _);
            context = (context.Sum + count, context.Different + 1);
        }

        return contexts;
    }
}

/// <summary>Up to five words, the last of them predicted; missing ones are -1.</summary>
internal readonly record struct Gram(int A, int B, int C, int D, int Last)
{
    /// <summary>The word at a place of a sentence with those before it; before the sentence stand marks.</summary>
    public static Gram Before(int[] sentence, int place, int length)
    {
        return new(At(4), At(3), At(2), At(1), At(0));

        int At(int back) => back >= length ? -1 : place >= back ? sentence[place - back] : 0;
    }

    /// <summary>Without the first of so many words.</summary>
    public Gram WithoutFirst(int length) => length switch
    {
        5 => this with { A = -1 },
        4 => this with { B = -1 },
        3 => this with { C = -1 },
        2 => this with { D = -1 },
        _ => default,
    };

    /// <summary>The first of so many words.</summary>
    public int First(int length) => length switch { 5 => A, 4 => B, 3 => C, 2 => D, _ => Last };

    /// <summary>What stands before the last word.</summary>
    public Gram WithoutLast() => this with { Last = -1 };
}
