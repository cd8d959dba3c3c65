using Microsoft.ML;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Codes;

/// <summary>What stands between an encoder and a decoder: how codes are made of what the encoder gives, and how a column holds them.</summary>
internal interface ICodes
{
    /// <summary>Values that the encoder gives for a row.</summary>
    int EncodedSize { get; }

    /// <summary>Values that the decoder reads.</summary>
    int LatentSize { get; }

    /// <summary>The columns of codes.</summary>
    /// <param name="name">The name of the first; others have it before a dot and a name of their own.</param>
    IReadOnlyList<OutputColumn> Columns(string name);

    /// <summary>Room for the codes of a batch.</summary>
    /// <param name="capacity">The most rows in a batch.</param>
    CodeBatch CreateBatch(int capacity);

    /// <summary>A column of codes that shall be decoded.</summary>
    InputColumn Input(string name);

    /// <summary>Reads such a column: gives what the decoder reads; NaN throughout where a code is missing.</summary>
    RowReader CreateReader(DataViewRow row, string name);

    /// <summary>What the decoder reads on the way from one row to another.</summary>
    /// <param name="first">What the encoder gave for the one.</param>
    /// <param name="last">What it gave for the other.</param>
    /// <param name="share">How far it is on the way, from 0 to 1.</param>
    /// <param name="latent">Receives it.</param>
    void ToLatentBetween(ReadOnlySpan<float> first, ReadOnlySpan<float> last, float share, Span<float> latent);

    /// <summary>What the decoder reads of what the encoder gave.</summary>
    void ToLatent(ReadOnlySpan<float> encoded, Span<float> latent);

    /// <summary>Adds the columns of codes to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="encoded">What the encoder gives, (B, <see cref="EncodedSize"/>).</param>
    /// <param name="latent">What the decoder reads, (B, <see cref="LatentSize"/>).</param>
    /// <param name="missing">(B, 1): 0 for rows that have codes, NaN for the others.</param>
    /// <param name="name">The name of the first column.</param>
    void AddTo(OnnxGraph graph, OnnxValue encoded, OnnxValue latent, OnnxValue missing, string name);

    /// <summary>What the decoder reads, (B, <see cref="LatentSize"/>), of what the encoder gives, in a graph.</summary>
    OnnxValue ToLatent(OnnxGraph graph, OnnxValue encoded);

    /// <summary>Adds a column of codes to a graph, as an input.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The name of the column.</param>
    /// <returns>What the decoder reads, (B, <see cref="LatentSize"/>); and 0 for rows that have codes, NaN for the others, (B, 1).</returns>
    (OnnxValue Latent, OnnxValue Missing) InputIn(OnnxGraph graph, string name);
}

/// <summary>The codes of a batch of rows.</summary>
internal abstract class CodeBatch
{
    /// <summary>A buffer for each of <see cref="ICodes.Columns"/>.</summary>
    public abstract IReadOnlyList<OutputBuffer> Buffers { get; }

    /// <summary>Makes the code of a row.</summary>
    /// <param name="slot">The row's place in the batch.</param>
    /// <param name="encoded">What the encoder gave.</param>
    /// <param name="latent">Receives what the decoder reads; empty if nothing is decoded.</param>
    public abstract void Encode(int slot, ReadOnlySpan<float> encoded, Span<float> latent);

    /// <summary>Says that a row has no code.</summary>
    public abstract void Miss(int slot);
}
