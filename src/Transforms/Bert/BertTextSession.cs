using MLNet.Papers.Scoring;

namespace MLNet.Papers.Bert;

/// <summary>Scores batches of texts, or of pairs of texts, by their vectors.</summary>
/// <param name="warn">Says what is to be said of long texts.</param>
/// <param name="model">The encoder.</param>
/// <param name="scorer">Its network.</param>
/// <param name="vector">The length of a text's vector, and what computes it.</param>
/// <param name="reader">Reads the texts.</param>
/// <param name="outputs">The buffers of the outputs.</param>
/// <param name="put">Fills them by the vectors of the texts of a batch, one after the other, and their number.</param>
internal sealed class BertTextSession(
    Action<string> warn,
    BertModel model,
    BertScorer scorer,
    (int Size, TextVectorKernel Kernel) vector,
    TextPairReader reader,
    IReadOnlyList<OutputBuffer?> outputs,
    Action<float[], int> put) : ScoringSession
{
    private float[] _vectors = [];

    public override IReadOnlyList<OutputBuffer?> Outputs => outputs;

    public override bool IsFull => reader.Texts.Batch.Total >= BertSession.MostPieces;

    public override void ReadRow(int slot)
    {
        if (slot == 0)
            reader.Texts.Clear();
        reader.Read();
    }

    public override void Score(int count)
    {
        (int size, TextVectorKernel kernel) = vector;
        if (_vectors.Length < count * size)
            _vectors = new float[count * size];
        int top = model.Architecture.Layers;
        scorer.Run(
            reader.Texts.Batch, top, top, (text, layers) => kernel(layers[top], _vectors.AsSpan(text * size, size)), model.Pooling == Pooling.First);
        put(_vectors, count);
    }

    public override void Dispose()
    {
        base.Dispose();
        reader.Texts.ReportCut(warn, reader.Columns.Text);
    }
}
