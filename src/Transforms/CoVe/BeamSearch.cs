using System.Numerics.Tensors;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>The beginning of a translation: one more word behind a shorter one.</summary>
/// <param name="Before">The shorter one; null for the mark before a sentence.</param>
/// <param name="Word">The number of its last word.</param>
/// <param name="Length">How many words it has, the mark of the end counted.</param>
/// <param name="LogProbability">The sum of its words' log probabilities in nats.</param>
/// <param name="Attention">The attention to each source token when the word was written.</param>
/// <param name="Row">Where it stands among the rows of the last step.</param>
internal sealed record Hypothesis(Hypothesis? Before, int Word, int Length, double LogProbability, float[] Attention, int Row)
{
    /// <summary>The words from the first on, without the mark before the sentence.</summary>
    public IReadOnlyList<Hypothesis> Words()
    {
        var words = new List<Hypothesis>();
        for (Hypothesis at = this; at.Before is not null; at = at.Before)
            words.Add(at);
        words.Reverse();
        return words;
    }
}

/// <summary>Looks for the most probable translations; with a width of 1 it takes the most probable word each time.</summary>
/// <param name="width">How many beginnings of a translation are kept.</param>
/// <param name="lengthPenalty">The log probability is divided by the length to the power of this; 0 leaves it.</param>
internal sealed class BeamSearch(int width, double lengthPenalty)
{
    /// <summary>Translations have at most this and twice the source's tokens.</summary>
    private const int Surplus = 10;

    /// <summary>How many beginnings of a translation are kept.</summary>
    public int Width => width;

    /// <summary>The best translation of each sentence.</summary>
    public Hypothesis[] Run(DecoderRun run, EncodedSentence[] sentences)
    {
        var best = new Hypothesis?[sentences.Length];
        var alive = new List<Hypothesis>[sentences.Length];
        for (int sentence = 0; sentence < alive.Length; sentence++)
            alive[sentence] = [new Hypothesis(null, TokenVocabulary.Begin, 0, 0, [], sentence)];
        for (int step = 1; alive.Any(beam => beam.Count > 0); step++)
        {
            Advance(run, alive);
            for (int sentence = 0, row = 0; sentence < alive.Length; sentence++)
            {
                int rows = alive[sentence].Count;
                if (rows == 0)
                    continue;
                List<Hypothesis> candidates = Candidates(run, alive[sentence], row);
                row += rows;
                alive[sentence] = [];
                foreach (Hypothesis candidate in candidates)
                {
                    if (candidate.Word != TokenVocabulary.End)
                        alive[sentence].Add(candidate);
                    else if (best[sentence] is not { } other || Score(candidate) > Score(other))
                        best[sentence] = candidate;
                }

                int longest = (2 * sentences[sentence].Tokens.Length) + Surplus;
                if (step >= longest)
                    best[sentence] ??= alive[sentence][0];
                if (step >= longest || (best[sentence] is { } found && alive[sentence].All(beginning => Limit(beginning, longest) <= Score(found))))
                    alive[sentence] = [];
            }
        }

        return best!;
    }

    private static void Advance(DecoderRun run, List<Hypothesis>[] alive)
    {
        List<int> parents = [], sentences = [], words = [];
        for (int sentence = 0; sentence < alive.Length; sentence++)
        {
            foreach (Hypothesis beginning in alive[sentence])
            {
                parents.Add(beginning.Row);
                sentences.Add(sentence);
                words.Add(beginning.Word);
            }
        }

        run.Step([.. parents], [.. sentences], [.. words]);
    }

    // The best beginnings that are one word longer, the best first; of equal ones that of the earlier row, then the smaller word.
    private List<Hypothesis> Candidates(DecoderRun run, List<Hypothesis> beam, int firstRow)
    {
        var candidates = new List<(double LogProbability, int Row, int Word)>();
        for (int i = 0; i < beam.Count; i++)
        {
            Span<float> logits = run.Logits(firstRow + i);
            float greatest = TensorPrimitives.Max<float>(logits);
            double sum = 0;
            foreach (float logit in logits)
                sum += MathF.Exp(logit - greatest);
            double shift = beam[i].LogProbability - greatest - Math.Log(sum);
            logits[TokenVocabulary.Begin] = float.NegativeInfinity;
            for (int k = 0; k < Math.Min(width, logits.Length - 1); k++)
            {
                int word = TensorPrimitives.IndexOfMax<float>(logits);
                candidates.Add((shift + logits[word], i, word));
                logits[word] = float.NegativeInfinity;
            }
        }

        return
        [
            .. candidates.OrderByDescending(candidate => candidate.LogProbability).ThenBy(candidate => candidate.Row).ThenBy(candidate => candidate.Word)
                .Take(width)
                .Select(candidate => new Hypothesis(
                    beam[candidate.Row], candidate.Word, beam[candidate.Row].Length + 1, candidate.LogProbability, run.Attention(firstRow + candidate.Row),
                    firstRow + candidate.Row)),
        ];
    }

    private double Score(Hypothesis hypothesis) => hypothesis.LogProbability / Math.Pow(hypothesis.Length, lengthPenalty);

    // What a beginning can reach at best: log probabilities only fall, and the greatest length divides them most.
    private double Limit(Hypothesis beginning, int longest) => beginning.LogProbability / Math.Pow(longest, lengthPenalty);
}
