using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.Elmo;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

[assembly: LoadableModel<ElmoClassifierTransformer>("ElmoClassifier")]

namespace MLNet.Papers;

/// <summary>Classifies texts by the mean of their tokens' vectors from a language model, whose layers it weighs as it learned to.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2, equation 1.</para>
/// <para><b>Input.</b> A vector of texts, the tokens; or a text, whose tokens are what stands between white space. A text without tokens is classified by a
/// vector of zeros.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | text) in key order.</para>
/// <para><b>ONNX.</b> Inputs as those of <see cref="ElmoTransformer"/>. Outputs: Score, Single (batch, classes), and PredictedLabel, UInt32 (batch, 1).</para>
/// </remarks>
public sealed class ElmoClassifierTransformer : ExportableTransformer, ISavedTransformer<ElmoClassifierTransformer>
{
    private readonly State _state;
    private readonly LazyScorer<ElmoScorer> _scorer;

    internal ElmoClassifierTransformer(IHostEnvironment environment, State state)
        : base(environment)
    {
        _state = state;
        BatchSize = TokenVectorSession.BatchSize((state.Model.Architecture.Layers + 1) * state.Model.Architecture.LayerSize);
        _scorer = new LazyScorer<ElmoScorer>(() => ElmoScorer.Create(state.Model.Architecture, state.Model.Weights, TorchDevice.Of(environment)));
    }

    /// <summary>The name of the column of texts.</summary>
    public string TextColumnName => _state.TextColumnName;

    /// <summary>s, the weight that each layer was given, from the context-free one to the top; they add up to 1.</summary>
    public IReadOnlyList<float> LayerWeights => _state.Classifier.LayerWeights;

    /// <summary>gamma, what the weighted sum of the layers is multiplied by.</summary>
    public float LayerScale => _state.Classifier.Scale;

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(TextColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal override NamedClasses NamedClasses => new(_state.LabelColumnName, _state.Labels);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity)
    {
        ElmoOutputs outputs = ElmoOutputs.Of(
            "Layers", TextColumnName, new() { Representation = ElmoRepresentation.AllLayers }, _state.Model.Architecture.Layers);
        return new Session(_state, new ElmoSession(_state.Model, _scorer, outputs, input, [true], capacity), capacity);
    }

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];

    internal override void ToOnnx(OnnxGraph graph)
    {
        OnnxValue characters = _state.Model.Architecture.CharactersInOnnx(graph, TextColumnName);
        OnnxValue lengths = TokenVectorColumns.LengthsInOnnx(graph, TextColumnName);
        OnnxValue tokens = graph.Concatenate(2, _state.Model.Architecture.ToOnnx(graph, characters, lengths, _state.Model.Weights));
        OnnxValue pooled = TokenVectorColumns.PoolInOnnx(graph, tokens, lengths, Pooling.Mean).Pooled;
        OnnxValue score = _state.Classifier.ToOnnx(graph, pooled);
        MulticlassColumns.InOnnx(score, _state.Labels.Count).AddTo(graph, graph.Number(0));
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(
        string TextColumnName,
        ElmoModel Model,
        LayerMixClassifier Classifier,
        ClassLabels Labels,
        [Block("label")] string? LabelColumnName = null) : IModelRecord
    {
        public string? FindFault() => Labels.FindFault(Classifier.Architecture)
            ?? (Classifier.Architecture.Size == Model.Architecture.LayerSize && Classifier.Architecture.Layers == Model.Architecture.Layers + 1
                ? null
                : "Block 'classifier' does not fit the network.");
    }

    private sealed class Session(State state, ElmoSession layers, int capacity) : ScoringSession
    {
        private readonly ClassOutputs _outputs = new(capacity, state.Labels.Count);

        public override IReadOnlyList<OutputBuffer?> Outputs => _outputs.Buffers;

        public override bool IsFull => layers.IsFull;

        public override void ReadRow(int slot) => layers.ReadRow(slot);

        public override void Score(int count)
        {
            layers.Score(count);
            state.Classifier.Score(layers.Pooled!.Values(count), count, _outputs.Scores(count));
            _outputs.Predict(count);
        }

        public override void Dispose()
        {
            layers.Dispose();
            base.Dispose();
        }
    }
}
