namespace MLNet.Papers;

/// <summary>How a BERT is trained for a task that asks one thing of a text, or of a pair of texts.</summary>
public abstract class BertTextOptions : BertFineTuningOptions
{
    private protected BertTextOptions()
    {
    }

    /// <summary>
    /// How the top layer's vectors of the pieces become the one that the new layer reads. Null for what the encoder says: what its publisher does, and
    /// <see cref="Pooling.Mean"/> where that is not known. With <see cref="Pooling.First"/>, as published for BERT, it is what the encoder's pooler says of
    /// [CLS], and the vector of [CLS] itself where the encoder has no pooler.
    /// </summary>
    [Defined]
    public Pooling? Pooling { get; set; }

    internal override Bert.BertModel Start(BertTransformer bert)
    {
        Bert.BertModel model = base.Start(bert);
        return model with { Pooling = Pooling ?? model.Pooling };
    }
}
