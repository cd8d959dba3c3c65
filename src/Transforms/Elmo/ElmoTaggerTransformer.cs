using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
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

[assembly: LoadableModel<ElmoTaggerTransformer>("ElmoTagger")]

namespace MLNet.Papers;

/// <summary>Gives each token of a text a label by its vector, whose layers it weighs as it learned to.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2, equation 1.</para>
/// <para><b>Input.</b> A vector of Single, the vectors of the tokens one after the other.</para>
/// <para><b>Output.</b> PredictedLabel: a vector of keys, one for each token. Score: a vector of Single, for each token p(label | vector) in key order; its
/// type has the dimensions 0, for any number of tokens, and that of the labels. A row with a number that is not finite gets NaN and missing labels.</para>
/// <para><b>ONNX.</b> Input: the name of <see cref="TokenVectorsColumnName"/>, Single (batch, time, size), the vectors of the tokens. Outputs: Score, Single
/// (batch, time, labels), and PredictedLabel, UInt32 (batch, time). Tokens do not depend on each other: what stands behind the end of a text gets scores that
/// have no meaning.</para>
/// </remarks>
public sealed class ElmoTaggerTransformer : ExportableTransformer, ISavedTransformer<ElmoTaggerTransformer>
{
    private readonly State _state;

    internal ElmoTaggerTransformer(IHostEnvironment environment, State state)
        : base(environment) => _state = state;

    /// <summary>The name of the column of the tokens' vectors.</summary>
    public string TokenVectorsColumnName => _state.TokenVectorsColumnName;

    /// <summary>The length of a token's vector, all layers counted.</summary>
    public int TokenVectorSize => _state.Classifier.Architecture.VectorSize();

    /// <summary>s, the weight that each layer was given, from the first to the last; they add up to 1.</summary>
    public IReadOnlyList<float> LayerWeights => _state.Classifier.LayerWeights;

    /// <summary>gamma, what the weighted sum of the layers is multiplied by.</summary>
    public float LayerScale => _state.Classifier.Scale;

    internal override bool ScoresInBatches => false;

    private protected override IEnumerable<InputColumn> Inputs => [new TokenVectorsColumn(TokenVectorsColumnName, TokenVectorSize)];

    private protected override IModelRecord SavedState => _state;

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) => TokenLabelColumns.Create(_state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(_state, input, capacity);

    internal override void ToOnnx(OnnxGraph graph)
    {
        OnnxValue vectors = graph.Input(TokenVectorsColumnName, OnnxType.Single, OnnxGraph.Batch, OnnxGraph.Time, TokenVectorSize);
        OnnxValue missing = graph.Unsqueeze(graph.NotFinite(graph.Flatten(vectors)), 2);  // (B, 1, 1)
        OnnxValue scores = _state.Classifier.ToOnnx(graph, graph.Reshape(vectors, -1, TokenVectorSize));  // (B * T, labels)
        OnnxValue shape = graph.Concatenate(0, graph.Length(vectors, 0), graph.Length(vectors, 1), graph.Integers(_state.Labels.Count));
        OnnxValue score = graph.Add(graph.Reshape(scores, shape), missing);
        TokenLabelColumns.AddTo(graph, score, _state.Labels.Count);
    }

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string TokenVectorsColumnName, LayerMixClassifier Classifier, ClassLabels Labels) : IModelRecord
    {
        public string? FindFault() => Labels.FindFault(Classifier.Architecture);
    }

    private sealed class Session : ScoringSession
    {
        private readonly State _state;
        private readonly DataViewRow _input;
        private readonly ValueGetter<VBuffer<float>> _getter;
        private readonly VariableVectorOutputBuffer<uint> _predictedLabel;
        private readonly VariableVectorOutputBuffer<float> _score;
        private VBuffer<float> _vectors;

        public Session(State state, DataViewRow input, int capacity)
        {
            (_state, _input) = (state, input);
            _getter = input.GetGetter<VBuffer<float>>(input.Schema[state.TokenVectorsColumnName]);
            (_predictedLabel, _score) = (OutputBuffer.Variable<uint>(capacity), OutputBuffer.Variable<float>(capacity));
        }

        public override IReadOnlyList<OutputBuffer?> Outputs => [_predictedLabel, _score];

        public override void ReadRow(int slot)
        {
            _getter(ref _vectors);
            InputColumns.RequireLength(_input.Schema[_state.TokenVectorsColumnName], _vectors.Length, _input.Position);
            int size = _state.Classifier.Architecture.VectorSize(), labels = _state.Labels.Count, tokens = _vectors.Length / size;
            if (_vectors.Length % size != 0)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Column '{_state.TokenVectorsColumnName}' has {_vectors.Length} numbers in row {_input.Position}, ") +
                    FormattableString.Invariant($"which is no multiple of {size}, the length of a token's vector."));
            }

            float[] vectors = [.. _vectors.DenseValues()], scores = new float[checked(tokens * labels)];
            uint[] keys = new uint[tokens];
            (_predictedLabel[slot], _score[slot]) = (keys, scores);
            if (tokens == 0)
                return;
            if (!FiniteValues.AreAll(vectors))
            {
                Array.Fill(scores, float.NaN);
                return;
            }

            _state.Classifier.Score(vectors, tokens, scores);
            for (int token = 0; token < tokens; token++)
                keys[token] = (uint)TensorPrimitives.IndexOfMax<float>(scores.AsSpan(token * labels, labels)) + 1;
        }

        public override void Score(int count)
        {
        }
    }
}
