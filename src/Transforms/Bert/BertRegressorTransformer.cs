using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Bert;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<BertRegressorTransformer>("BertRegressor")]

namespace MLNet.Papers;

/// <summary>Gives texts, or pairs of texts, a number, with an encoder that was fine-tuned for that.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 3.2 and 4.1.</para>
/// <para><b>Input.</b> As those of <see cref="BertTextTransformer"/>.</para>
/// <para><b>Output.</b> Score: a Single, in the unit of the label that was learned.</para>
/// <para><b>ONNX.</b> Inputs as those of <see cref="BertTextTransformer"/>. Output: Score, Single (batch, 1).</para>
/// </remarks>
public sealed class BertRegressorTransformer : BertTextTransformer, ISavedTransformer<BertRegressorTransformer>
{
    private readonly State _state;

    internal BertRegressorTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Model, state.TextColumnName, state.SecondTextColumnName) => _state = state;

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => [RegressionColumns.Create(input, null)];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        ScalarOutputBuffer<float> score = OutputBuffer.Scalar<float>(capacity);
        float[] numbers = new float[capacity];
        return CreateSession(input, [score], (vectors, count) =>
        {
            _state.Head.Run(vectors, count, numbers);
            for (int slot = 0; slot < count; slot++)
                _state.Scale.Restore(numbers.AsSpan(slot, 1), new(ref score[slot]));
        });
    }

    internal override void ToOnnx(OnnxGraph graph)
    {
        OnnxValue vectors = AddVectors(graph);
        new OnnxColumn(RegressionColumns.Score, _state.Scale.RestoreInOnnx(graph, _state.Head.ToOnnx(graph, vectors)), 1).AddTo(graph, graph.Number(0));
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string TextColumnName, string? SecondTextColumnName, BertModel Model, LinearHead Head, StandardScale Scale) : IModelRecord
    {
        public string? FindFault() => Head.Architecture.Outputs != 1 ? $"Block 'head' gives {Head.Architecture.Outputs} numbers, but there is 1."
            : Scale.Size != 1 ? $"Block 'means' has {Scale.Size} numbers, but there is 1."
            : new TextVector(Model.Architecture, Model.Pooling).FindFault(Head);
    }
}
