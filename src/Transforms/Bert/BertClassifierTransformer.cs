using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Bert;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<BertClassifierTransformer>("BertClassifier")]

namespace MLNet.Papers;

/// <summary>Classifies texts, or pairs of texts, with an encoder that was fine-tuned for that.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 3.2 and 4.1.</para>
/// <para><b>Input.</b> As those of <see cref="BertTextTransformer"/>.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | text) in key order.</para>
/// <para><b>ONNX.</b> Inputs as those of <see cref="BertTextTransformer"/>. Outputs: Score, Single (batch, classes), and PredictedLabel, UInt32
/// (batch, 1).</para>
/// </remarks>
public sealed class BertClassifierTransformer : BertTextTransformer, ISavedTransformer<BertClassifierTransformer>
{
    private readonly State _state;

    internal BertClassifierTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Model, state.TextColumnName, state.SecondTextColumnName) => _state = state;

    private protected override IModelRecord SavedState => _state;

    internal override NamedClasses NamedClasses => new(_state.LabelColumnName, _state.Labels);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        var outputs = new ClassOutputs(capacity, _state.Labels.Count);
        return CreateSession(input, outputs.Buffers, (vectors, count) =>
        {
            _state.Head.Probabilities(vectors, count, outputs.Scores(count));
            outputs.Predict(count);
        });
    }

    internal override void ToOnnx(OnnxGraph graph)
    {
        OnnxValue vectors = AddVectors(graph);
        MulticlassColumns.InOnnx(graph.Softmax(_state.Head.ToOnnx(graph, vectors)), _state.Labels.Count).AddTo(graph, graph.Number(0));
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(
        string TextColumnName,
        string? SecondTextColumnName,
        BertModel Model,
        LinearHead Head,
        ClassLabels Labels,
        [Block("label")] string? LabelColumnName = null) : IModelRecord
    {
        public string? FindFault() => Labels.FindFault(Head.Architecture) ?? new TextVector(Model.Architecture, Model.Pooling).FindFault(Head);
    }
}
