using MLNet.Papers.Training;

namespace MLNet.Papers.Bert;

/// <summary>
/// Sequences in batches of about one length. Both are drawn anew for every epoch, and depend on seed and epoch alone.
/// </summary>
internal sealed class PretrainingBatches
{
    private readonly EpochOrder<PieceSequence[][]> _epochs;

    /// <param name="create">Makes the sequences of an epoch; at least one.</param>
    /// <param name="batchSize">Sequences of a batch; an epoch with more or fewer of them than the first has larger or smaller batches, not other steps.</param>
    /// <param name="seed">Seed of all that is drawn.</param>
    public PretrainingBatches(Func<Random, List<PieceSequence>> create, int batchSize, int seed)
    {
        SequencesOfAnEpoch = create(StepRandom.Create(seed, -2)).Count;
        StepsPerEpoch = Math.Max(1, (int)Math.Round((double)SequencesOfAnEpoch / batchSize));
        _epochs = new(seed, StepsPerEpoch, random =>
        {
            List<PieceSequence> sequences = create(random);
            int[][] batches = LengthBatches.Draw([.. sequences.Select(sequence => sequence.Count)], StepsPerEpoch, random);
            return Array.ConvertAll(batches, batch => Array.ConvertAll(batch, number => sequences[number]));
        });
    }

    /// <summary>How many sequences the first epoch has, and others about.</summary>
    public int SequencesOfAnEpoch { get; }

    public int StepsPerEpoch { get; }

    /// <summary>The sequences of a step, from 0.</summary>
    public PieceSequence[] At(long step)
    {
        (PieceSequence[][] batches, long number) = _epochs.At(step);
        return batches[number];
    }
}
