using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Tests.NewTechnique.DenoisingAutoencoder;

[assembly: LoadableModel<DenoisingAutoencoderTransformer>("DenoisingAutoencoder")]

namespace MLNet.Papers.Tests.NewTechnique.DenoisingAutoencoder;

/// <summary>Turns rows into codes.</summary>
internal sealed class DenoisingAutoencoderTransformer : NetworkTransformer, ISavedTransformer<DenoisingAutoencoderTransformer>
{
    private readonly State _state;

    internal DenoisingAutoencoderTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Encoder, device => EmbeddingScorer.Create(state.Encoder, state.Weights, device)) => _state = state;

    private protected override IEnumerable<InputColumn> Inputs => [Rows];

    private protected override IModelRecord SavedState => _state;

    private ImageColumn Rows => new(_state.InputColumnName, _state.Encoder.Input);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [OutputColumn.Vector(_state.OutputColumnName, _state.Encoder.OutputSize)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        VectorOutputBuffer<float> codes = OutputBuffer.Vector<float>(capacity, _state.Encoder.OutputSize);
        return CreateSession(Rows.CreateReader(input), capacity, [codes], (code, slot) => code.CopyTo(codes[slot]));
    }

    private protected override IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows) =>
        [new(_state.OutputColumnName, _state.Encoder.ToOnnx(graph, rows, _state.Weights), _state.Encoder.OutputSize)];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string OutputColumnName, string InputColumnName, [Block] LayeredArchitecture Encoder, NetworkWeights Weights) : IModelRecord;
}
