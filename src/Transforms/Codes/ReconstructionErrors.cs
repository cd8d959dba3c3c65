using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Codes;

/// <summary>How little of a row its codes can say: the score of detectors of anomalies.</summary>
/// <param name="environment">Where the transformer lives.</param>
/// <param name="name">The column of rows.</param>
/// <param name="model">The networks.</param>
/// <param name="codes">The codes between them.</param>
internal sealed class ReconstructionErrors(IHostEnvironment environment, string name, AutoencoderModel model, ICodes codes) : ILazyScorer
{
    private readonly LazyScorer<EmbeddingScorer> _encoder = new(() => model.CreateEncoder(TorchDevice.Of(environment)));
    private readonly LazyScorer<EmbeddingScorer> _decoder = new(() => model.CreateDecoder(TorchDevice.Of(environment)));

    /// <summary>The column of rows.</summary>
    public FeatureColumn Column => model.Layout.Column(name);

    /// <summary>What a cursor needs.</summary>
    /// <param name="input">The row.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    /// <param name="outputs">A buffer for each output column.</param>
    /// <param name="write">Receives the error of each row, NaN where there is none.</param>
    public ScoringSession CreateSession(DataViewRow input, int capacity, IReadOnlyList<OutputBuffer?> outputs, Action<float, int> write) =>
        new AutoencoderSession(
            Column.CreateReader(input), model, codes, _encoder.Value, _decoder.Value, capacity, codes.CreateBatch(capacity), outputs,
            (decoded, prepared, slot) => write(decoded.IsEmpty ? float.NaN : model.Layout.Deviance(decoded, prepared), slot));

    /// <summary>Adds the input and the errors to a graph.</summary>
    /// <returns>The errors, (B, 1); and 0 for rows that have one, NaN for the others.</returns>
    public (OnnxValue Errors, OnnxValue Missing) ToOnnx(OnnxGraph graph)
    {
        (OnnxValue prepared, OnnxValue missing) = model.Layout.InputIn(graph, name);
        OnnxValue latent = codes.ToLatent(graph, model.Encoder.ToOnnx(graph, prepared, model.EncoderWeights));
        return (model.Layout.DevianceInOnnx(graph, model.Decoder.ToOnnx(graph, latent, model.DecoderWeights), prepared), missing);
    }

    public void Require() => (_, _) = (_encoder.Value, _decoder.Value);

    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }
}
