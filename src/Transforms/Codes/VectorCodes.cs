using Microsoft.ML;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Codes;

/// <summary>Codes that are vectors: L numbers, which the decoder reads as they are.</summary>
/// <param name="size">L.</param>
internal class VectorCodes(int size) : ICodes
{
    /// <summary>L, unless a code is made of more than itself.</summary>
    public virtual int EncodedSize => LatentSize;

    public int LatentSize => size;

    /// <summary>The columns where an estimator promises them.</summary>
    public static IReadOnlyList<OutputColumn> Promised(string name) => [OutputColumn.Embedding(name)];

    public IReadOnlyList<OutputColumn> Columns(string name) => [OutputColumn.Embedding(name, size)];

    public CodeBatch CreateBatch(int capacity) => new Batch(this, capacity);

    public InputColumn Input(string name) => new VectorColumn(name) { Length = size };

    public RowReader CreateReader(DataViewRow row, string name) => new VectorReader(row, row.Schema[name]);

    public virtual void ToLatent(ReadOnlySpan<float> encoded, Span<float> latent) => encoded.CopyTo(latent);

    // A line from code to code.
    public void ToLatentBetween(ReadOnlySpan<float> first, ReadOnlySpan<float> last, float share, Span<float> latent)
    {
        float[] end = new float[latent.Length];
        ToLatent(first, latent);
        ToLatent(last, end);
        for (int i = 0; i < end.Length; i++)
            latent[i] = ((1 - share) * latent[i]) + (share * end[i]);
    }

    public void AddTo(OnnxGraph graph, OnnxValue encoded, OnnxValue latent, OnnxValue missing, string name) =>
        new OnnxColumn(name, latent, size).AddTo(graph, missing);

    public virtual OnnxValue ToLatent(OnnxGraph graph, OnnxValue encoded) => encoded;

    public (OnnxValue Latent, OnnxValue Missing) InputIn(OnnxGraph graph, string name)
    {
        OnnxValue latent = graph.Input(name, OnnxType.Single, OnnxGraph.Batch, size);
        return (latent, graph.NotFinite(latent));
    }

    private sealed class Batch(VectorCodes codes, int capacity) : CodeBatch
    {
        private readonly VectorOutputBuffer<float> _codes = OutputBuffer.Vector<float>(capacity, codes.LatentSize);

        public override IReadOnlyList<OutputBuffer> Buffers => [_codes];

        public override void Encode(int slot, ReadOnlySpan<float> encoded, Span<float> latent)
        {
            Span<float> code = _codes[slot];
            codes.ToLatent(encoded, code);
            if (!latent.IsEmpty)
                code.CopyTo(latent);
        }

        public override void Miss(int slot) => _codes[slot].Fill(float.NaN);
    }
}
