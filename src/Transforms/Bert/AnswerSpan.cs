namespace MLNet.Papers.Bert;

/// <summary>Pieces of a context, from the first to the last.</summary>
/// <param name="First">The first piece.</param>
/// <param name="Last">The last one.</param>
/// <param name="Logit">What the network says of both ends together.</param>
internal readonly record struct AnswerSpan(int First, int Last, float Logit)
{
    /// <summary>The pieces that are most probably the answer: section 4.2 of the paper, argmax of S·T_i + E·T_j with i ≤ j.</summary>
    /// <param name="starts">S·T_i of each piece of the context.</param>
    /// <param name="ends">E·T_j.</param>
    /// <param name="longest">The most pieces of an answer.</param>
    public static AnswerSpan Best(ReadOnlySpan<float> starts, ReadOnlySpan<float> ends, int longest)
    {
        var best = new AnswerSpan(0, 0, float.NegativeInfinity);
        for (int first = 0; first < starts.Length; first++)
        {
            int until = (int)Math.Min(starts.Length, (long)first + longest);
            for (int last = first; last < until; last++)
            {
                if (starts[first] + ends[last] > best.Logit)
                    best = new AnswerSpan(first, last, starts[first] + ends[last]);
            }
        }

        return best;
    }

    /// <summary>The parts of a context that are read one after the other, each behind the question.</summary>
    /// <param name="pieces">The pieces of the context.</param>
    /// <param name="room">Pieces that there is room for; at least 1.</param>
    /// <param name="stride">Pieces from one part to the next; half of the room at most, so that each answer of that length is whole in one part.</param>
    /// <returns>The first piece of each and how many it has.</returns>
    public static IEnumerable<(int First, int Count)> Windows(int pieces, int room, int stride)
    {
        int step = Math.Clamp(stride, 1, Math.Max(1, room / 2));
        for (int first = 0; ; first += step)
        {
            yield return (first, Math.Min(room, pieces - first));
            if (first + room >= pieces)
                yield break;
        }
    }
}
