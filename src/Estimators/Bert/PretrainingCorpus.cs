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
    /// <summary>Makes sequences of the texts.</summary>
    public List<PieceSequence> Sequences(Random random) => HasPairs
        ? SequenceCreation.Pairs(Pieces, Documents, MaxLength, random, Check)
        : SequenceCreation.Segments(Pieces, Documents, MaxLength, Check);

    /// <summary>Puts sequences beside each other and hides some of their pieces.</summary>
    public PretrainingBatch Batch(IReadOnlyList<PieceSequence> sequences, Random random, Device device) =>
        PretrainingBatch.Create(Pieces, sequences, Marks, Masking, random, device);
}
