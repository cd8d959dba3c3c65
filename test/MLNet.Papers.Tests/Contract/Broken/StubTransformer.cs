using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Tests.Contract.Broken;

[assembly: LoadableModel<StubTransformer>("Stub")]

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>A model that keeps the contract, but for one fault that sits too deep to be put around it: a linear function of Features, without torch.</summary>
internal sealed class StubTransformer : ScoringTransformer, IPersistentModel<StubTransformer>
{
    public const string Features = "Features";
    public const string Score = "Score";
    public const string PredictedLabel = "PredictedLabel";
    public const string Total = "Total";
    public const int Classes = 2;

    public StubTransformer(IHostEnvironment environment, StubState state)
        : base(environment)
    {
        State = state;
        BatchSize = 32;
    }

    public StubState State { get; }

    internal override bool ScoresInBatches => true;

    private protected override IEnumerable<InputColumn> Inputs => [new VectorColumn(Features) { Length = State.InputSize }];

    static StubTransformer IPersistentModel<StubTransformer>.Read(IHostEnvironment environment, Stream weights) => new(environment, StubState.Read(weights));

    internal override IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input) =>
        [
            new(Score, new VectorDataViewType(NumberDataViewType.Single, Classes), Names("SlotNames", "first", "second")),
            new(PredictedLabel, new KeyDataViewType(typeof(uint), Classes), Names("KeyValues", "first", "second")),
            new(Total, NumberDataViewType.Double),
        ];

    internal override ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity) => new Session(State, input, capacity);

    // A state that saves itself wrongly must do so without the mechanism.
    private protected override IModelRecord SavedState => throw new NotSupportedException();

    void IPersistentModel.Write(Stream weights) => State.Write(weights);

    /// <summary>Annotations with texts for slots or keys.</summary>
    public static DataViewSchema.Annotations Names(string kind, params string[] names)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        VBuffer<ReadOnlyMemory<char>> texts = new(names.Length, [.. names.Select(name => name.AsMemory())]);
        builder.Add(
            kind, new VectorDataViewType(TextDataViewType.Instance, names.Length), (ref VBuffer<ReadOnlyMemory<char>> value) => texts.CopyTo(ref value));
        return builder.ToAnnotations();
    }

    private sealed class Session(StubState state, DataViewRow input, int capacity) : ScoringSession
    {
        private readonly ValueGetter<VBuffer<float>> _getter = input.GetGetter<VBuffer<float>>(input.Schema[Features]);
        private readonly float[] _features = new float[capacity * state.InputSize];
        private readonly VectorOutputBuffer<float> _score = OutputBuffer.Vector<float>(capacity, Classes);
        private readonly ScalarOutputBuffer<uint> _predictedLabel = OutputBuffer.Scalar<uint>(capacity);
        private readonly ScalarOutputBuffer<double> _total = OutputBuffer.Scalar<double>(capacity);
        private VBuffer<float> _row;

        public override IReadOnlyList<OutputBuffer?> Outputs => [_score, _predictedLabel, _total];

        public override void ReadRow(int slot)
        {
            _getter(ref _row);
            if (state.Fault != Fault.AnswersWithTheRowBefore)
                InputColumns.RequireLength(input.Schema[Features], _row.Length, input.Position);
            Span<float> features = _features.AsSpan(slot * state.InputSize, state.InputSize);
            if (state.Fault == Fault.TakesSparseVectorsForDenseOnes)
                _row.GetValues().CopyTo(features);
            else
                _row.CopyTo(features);
        }

        public override void Score(int count)
        {
            for (int slot = 0; slot < count; slot++)
            {
                ReadOnlySpan<float> features = _features.AsSpan(slot * state.InputSize, state.InputSize);
                Span<float> score = _score[slot];
                if (float.IsFinite(TensorPrimitives.MaxMagnitude(features)))
                    Evaluate(features, score);
                else
                    score.Fill(float.NaN);
                _predictedLabel[slot] = float.IsNaN(score[0]) ? 0u : score[0] > score[1] ? 1u : 2u;
                _total[slot] = (double)score[0] + score[1];
            }
        }

        private void Evaluate(ReadOnlySpan<float> features, Span<float> score)
        {
            for (int k = 0; k < Classes; k++)
            {
                double sum = 0;
                for (int i = 0; i < features.Length; i++)
                    sum += state.Weights[(k * features.Length) + i] * ((double)features[i] - state.Centre[i]);
                score[k] = (float)Math.Tanh(sum);
            }
        }
    }
}
