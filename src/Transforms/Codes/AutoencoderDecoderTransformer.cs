using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Codes;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<AutoencoderDecoderTransformer>("AutoencoderDecoder")]

namespace MLNet.Papers;

/// <summary>Makes rows of their codes: the way back of an <see cref="AutoencoderTransformer"/>.</summary>
/// <remarks>
/// <para><b>Input.</b> Codes, as that transformer gives them.</para>
/// <para><b>Output.</b> A vector of Single: numbers in the unit of the rows that were learned from, pixels of an image in CHW order, and the probabilities of
/// categories. A row with a missing code gets NaN.</para>
/// <para><b>ONNX.</b> Input: the name of <see cref="InputColumnName"/>; codes that are vectors as they are; those that are keys as Int64 (batch, the places of
/// the grid), the numbers of codes from 1, and 0 for a missing one.</para>
/// </remarks>
public sealed class AutoencoderDecoderTransformer : ExportableTransformer, ISavedTransformer<AutoencoderDecoderTransformer>
{
    private readonly State _state;
    private readonly ICodes _codes;
    private readonly LazyScorer<EmbeddingScorer> _decoder;

    internal AutoencoderDecoderTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        (_state, _codes) = (state, state.Codes);
        _decoder = new(() => EmbeddingScorer.Create(state.Decoder, state.Weights, TorchDevice.Of(environment)));
        BatchSize = state.Decoder.BatchSize;
    }

    /// <summary>The name of the column of codes.</summary>
    public string InputColumnName => _state.InputColumnName;

    /// <summary>The name of the column of rows.</summary>
    public string OutputColumnName => _state.OutputColumnName;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [_codes.Input(InputColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => [OutputColumn.Vector(OutputColumnName, _state.Layout.Size)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        VectorOutputBuffer<float> rows = OutputBuffer.Vector<float>(capacity, _state.Layout.Size);
        return new NetworkSession(_codes.CreateReader(input, InputColumnName), _decoder.Value, _state.Decoder, capacity, [rows], Write);

        void Write(Span<float> outputs, int slot)
        {
            if (float.IsNaN(outputs[0]))
                rows[slot].Fill(float.NaN);
            else
                _state.Layout.Restore(outputs, rows[slot]);
        }
    }

    internal override void ToOnnx(OnnxGraph graph)
    {
        (OnnxValue latent, OnnxValue missing) = _codes.InputIn(graph, InputColumnName);
        OnnxValue rows = _state.Layout.RestoreInOnnx(graph, _state.Decoder.ToOnnx(graph, latent, _state.Weights));
        new OnnxColumn(OutputColumnName, rows, _state.Layout.Size).AddTo(graph, missing);
    }

    internal override string? FindOnnxFault(DataViewSchema input)
    {
        if (_state.Codebook is not null)
            return "its graph reads numbers of codes as Int64, which no step of a chain gives; its SaveAsOnnx writes that graph alone";
        var graph = new OnnxGraph();
        ToOnnx(graph);
        return OnnxStep.FindFault(graph);
    }

    private protected override IEnumerable<ILazyScorer> Scorers => [_decoder];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(
        string OutputColumnName, string InputColumnName, RowLayout Layout, [Block] LayeredArchitecture Decoder, [Block("decoder")] NetworkWeights Weights,
        Codebook? Codebook = null) : IModelRecord
    {
        public ICodes Codes => Codebook is null ? new VectorCodes(Decoder.InputSize) : new KeyCodes(Codebook, withVectors: false);

        public string? FindFault() => Decoder.OutputSize != Layout.Size || Decoder.InputSize != Codes.LatentSize
            ? FormattableString.Invariant($"Block 'decoder' reads {Decoder.InputSize} values and gives {Decoder.OutputSize}, which does not fit ") +
                FormattableString.Invariant($"codes of {Codes.LatentSize} and rows of {Layout.Size}.")
            : null;
    }
}
