using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Columns;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<FastTextClassifierTransformer>("FastTextClassifier")]

namespace MLNet.Papers;

/// <summary>Classifies texts with a fastText model.</summary>
/// <remarks>
/// <para><b>Source.</b> Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759.</para>
/// <para><b>Input.</b> A text, or a vector of texts, which is taken as if spaces stood between its texts. A missing or empty text has nothing but the end of
/// a line. A word <c>&lt;/s&gt;</c> ends the text, as in the fastText program.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values, the one of highest score. Score: a vector of Single, the probability of each
/// class in key
/// order with the classes as slot names. They add up to 1, but not with the losses that decide on each class apart: then a text may belong to several
/// classes, those with
/// more than 0.5, or to none. A class that the model has no label for has 0.</para>
/// </remarks>
public sealed class FastTextClassifierTransformer : ScoringTransformer, ISavedTransformer<FastTextClassifierTransformer>
{
    private readonly State _state;

    internal FastTextClassifierTransformer(IHostEnvironment environment, State state)
        : base(environment) => _state = state;

    /// <summary>The model: the labels of a text, vectors, files. It lives on when this transformer is disposed.</summary>
    public FastTextModel Model => _state.Model;

    /// <summary>The name of the column that holds the texts.</summary>
    public string TextColumnName => _state.TextColumnName;

    internal override bool ScoresInBatches => false;

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(TextColumnName)];

    private protected override IModelRecord SavedState => _state;

    internal override NamedClasses NamedClasses => new(_state.LabelColumnName, _state.Labels);

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        MulticlassColumns.Create(input, _state.Labels);

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(_state, input, capacity);

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    /// <param name="TextColumnName">The column of texts.</param>
    /// <param name="Labels">The classes in key order.</param>
    /// <param name="LabelIds">For each class the id of its label in the model, from 0; -1 if it has none.</param>
    /// <param name="Model">A classifier.</param>
    /// <param name="LabelColumnName">The column that named the classes; null in files of older versions.</param>
    [Block("columns")]
    internal sealed record State(
        string TextColumnName,
        ClassLabels Labels,
        [Block("label ids"), Dimensions(nameof(State.Classes))] int[] LabelIds,
        FastTextModel Model,
        [Block("label")] string? LabelColumnName = null) : IModelRecord
    {
        public int Classes => Labels.Count;

        public string? FindFault()
        {
            if (Model.Architecture != FastTextArchitecture.Supervised)
                return $"The model must be a classifier, but its architecture is {Model.Architecture}.";
            return LabelIds.Any(id => id < -1 || id >= Model.Labels.Count)
                ? $"Block 'label ids' names a label that is not among the {Model.Labels.Count} of the model."
                : null;
        }
    }

    private sealed class Session(State state, DataViewRow input, int capacity) : ScoringSession
    {
        private readonly TextInput _text = TextInput.Create(input, state.TextColumnName);
        private readonly Workspace _workspace = new(state.Model);
        private readonly ScalarOutputBuffer<uint> _predictedLabel = OutputBuffer.Scalar<uint>(capacity);
        private readonly VectorOutputBuffer<float> _score = OutputBuffer.Vector<float>(capacity, state.Labels.Count);

        public override IReadOnlyList<OutputBuffer?> Outputs => [_predictedLabel, _score];

        public override void ReadRow(int slot)
        {
            ReadOnlySpan<float> probabilities = state.Model.Probabilities(_text.Read(_workspace.Text), _workspace);
            Span<float> scores = _score[slot];
            for (int index = 0; index < scores.Length; index++)
                scores[index] = state.LabelIds[index] >= 0 ? Math.Min(1, probabilities[state.LabelIds[index]]) : 0;
            _predictedLabel[slot] = (uint)TensorPrimitives.IndexOfMax<float>(scores) + 1;
        }

        public override void Score(int count)
        {
        }
    }
}
