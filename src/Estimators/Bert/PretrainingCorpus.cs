using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>Texts with all that makes batches of them.</summary>
/// <param name="Pieces">The texts.</param>
/// <param name="Documents">Those of its documents that are taken.</param>
/// <param name="MaxLength">The most pieces of a sequence with its marks.</param>
/// <param name="HasPairs">Whether sequences are pairs of segments.</param>
/// <param name="Marks">The pieces around segments.</param>
/// <param name="Masking">Hides pieces.</param>
/// <param name="Check">Called for every document; throws to stop.</param>
internal sealed record PretrainingCorpus(
    PieceCorpus Pieces, IReadOnlyList<int> Documents, int MaxLength, bool HasPairs, SequenceMarks Marks, WordMasking Masking, Action Check)
{
    /// <summary>The logarithm of how often each piece occurs among all, with a tenth of an occurrence more of each: other texts have other pieces.</summary>
    /// <param name="vocabulary">V.</param>
    public float[] LogFrequencies(int vocabulary)
    {
        const double More = 0.1;
        long[] counts = new long[vocabulary];
        double all = More * vocabulary;
        foreach (int document in Documents)
        {
            (int first, int end) = Pieces.Document(document);
            ReadOnlySpan<int> own = Pieces.Pieces(Pieces.Start(first), Pieces.Start(end) - Pieces.Start(first));
            all += own.Length;
            foreach (int piece in own)
                counts[piece]++;
        }

        return Array.ConvertAll(counts, count => (float)Math.Log((count + More) / all));
    }

    /// <summary>Makes sequences of the texts.</summary>
    public List<PieceSequence> Sequences(Random random) => HasPairs
        ? SequenceCreation.Pairs(Pieces, Documents, MaxLength, random, Check)
        : SequenceCreation.Segments(Pieces, Documents, MaxLength, Check);

    /// <summary>Puts sequences beside each other and hides some of their pieces.</summary>
    public PretrainingBatch Batch(IReadOnlyList<PieceSequence> sequences, Random random, Device device) =>
        PretrainingBatch.Create(Pieces, sequences, Marks, Masking, random, device);
}
