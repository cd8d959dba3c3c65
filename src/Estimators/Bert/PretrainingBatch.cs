using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>Sequences beside each other, with some pieces hidden.</summary>
/// <param name="Inputs">The sequences as the network reads them.</param>
/// <param name="Places">Int64 (N): the places that are to be predicted, among B · T.</param>
/// <param name="Targets">Int64 (N): what stood there.</param>
/// <param name="IsRandom">Int64 (B): 1 where the second segment comes from elsewhere, 0 where it follows the first.</param>
internal sealed record PretrainingBatch(BertTensors Inputs, Tensor Places, Tensor Targets, Tensor IsRandom)
{
    /// <summary>Puts sequences beside each other.</summary>
    /// <param name="corpus">The texts.</param>
    /// <param name="sequences">Where they are.</param>
    /// <param name="marks">The pieces around segments.</param>
    /// <param name="masking">Hides pieces.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="device">Where the tensors are put.</param>
    public static PretrainingBatch Create(
        PieceCorpus corpus, IReadOnlyList<PieceSequence> sequences, SequenceMarks marks, WordMasking masking, Random random, Device device)
    {
        int longest = sequences.Max(sequence => sequence.Count);
        var batch = new BertBatch();
        List<long> places = [], targets = [];
        int[] pieces = new int[longest];
        bool[] isMark = new bool[longest];
        var hidden = new List<(int Place, int Piece)>();
        foreach (PieceSequence sequence in sequences)
        {
            Span<int> own = pieces.AsSpan(0, sequence.Count);
            sequence.CopyTo(corpus, marks, own, isMark);
            hidden.Clear();
            masking.Hide(own, isMark, random, hidden);
            foreach ((int place, int piece) in hidden)
            {
                places.Add(((long)batch.Count * longest) + place);
                targets.Add(piece);
            }

            batch.Add(own, marks.HasSegments ? sequence.Length + PieceSequence.SingleMarks : own.Length);
        }

        return new(
            BertTensors.Of(batch, [.. Enumerable.Range(0, batch.Count)], device), On(places), On(targets),
            On(sequences.Select(sequence => sequence.IsRandom ? 1L : 0)));

        Tensor On(IEnumerable<long> values) => tensor(values.ToArray()).to(device);
    }
}
