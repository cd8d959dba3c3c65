namespace MLNet.Papers.Scoring;

/// <summary>What one thread needs to score rows: getters of the input, a batch of its values, and room for the outputs.</summary>
internal abstract class ScoringSession : IDisposable
{
    /// <summary>One buffer for each output column of the transformer; null where the column is not active.</summary>
    public abstract IReadOnlyList<OutputBuffer?> Outputs { get; }

    /// <summary>Whether what was read is a batch, although there are slots left; asked for when a row was read.</summary>
    public virtual bool IsFull => false;

    /// <summary>Reads the current row of the input into a slot of the batch.</summary>
    public abstract void ReadRow(int slot);

    /// <summary>Fills the output buffers of the first <paramref name="count"/> slots.</summary>
    public abstract void Score(int count);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
