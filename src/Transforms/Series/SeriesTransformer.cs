using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;
using MLNet.Papers.Series;
using MLNet.Papers.Texts;

namespace MLNet.Papers;

/// <summary>The base of the transformers that score series of any length with a trained network, on the CPU or on the GPU that <c>mlContext.GpuDeviceId</c>
/// names.</summary>
/// <remarks>
/// <para><b>Input.</b> A vector of Single, of known length or not: the values of the first step, then those of the second, and so on; or a vector of keys. A
/// series without steps is scored as the state that the network begins with.</para>
/// <para><b>ONNX.</b> Inputs: the name of <see cref="FeatureColumnName"/>, Single (batch, time, channels), or Int64 (batch, time) with the numbers of keys from
/// 1; and that name with "Lengths" behind it, Int64 (batch, 1): how many steps each series has. Both axes are dynamic. What stands behind the end of a series
/// must be finite, and changes nothing. Score and PredictedLabel are as those of the transformer.</para>
/// </remarks>
public abstract class SeriesTransformer : ExportableTransformer, IFeatureReader
{
    private const int PreferredBatchSize = 256;

    private readonly SeriesModel _model;
    private readonly LazyScorer<SeriesScorer> _scorer;

    private protected SeriesTransformer(IHostEnvironment environment, SeriesModel model)
        : base(environment)
    {
        _model = model;
        BatchSize = ScoringMemory.Rows(PreferredBatchSize, 2L * model.Architecture.Outputs);
        _scorer = new(() => SeriesScorer.Create(model.Architecture, model.Weights, TorchDevice.Of(environment)));
    }

    /// <summary>The name of the column of series.</summary>
    public string FeatureColumnName => _model.FeatureColumnName;

    /// <summary>How many values a step has; 1 where it is a key.</summary>
    public int Channels => _model.Architecture.Channels;

    /// <summary>How many numbers the network was trained to have.</summary>
    public long ParameterCount => _model.Architecture.ParameterCount;

    /// <summary>How many steps the cells were made to remember before training; 0 for a network that is not begun so.</summary>
    public int MaxDependency => _model.MaxDependency;

    /// <summary>The network.</summary>
    internal SeriesArchitecture Network => _model.Architecture;

    DataViewType IFeatureReader.FeatureColumnType => new VectorDataViewType(NumberDataViewType.Single, _model.Length);

    internal sealed override bool ScoresInBatches => true;

    private protected sealed override IEnumerable<InputColumn> Inputs => [_model.Column];

    internal sealed override void ToOnnx(OnnxGraph graph)
    {
        SeriesArchitecture network = _model.Architecture;
        OnnxValue input = network.Symbols > 0
            ? graph.Input(FeatureColumnName, OnnxType.Int64, OnnxGraph.Batch, OnnxGraph.Time)
            : graph.Input(FeatureColumnName, OnnxType.Single, OnnxGraph.Batch, OnnxGraph.Time, network.Channels);
        OnnxValue lengths = TokenVectorColumns.LengthsInOnnx(graph, FeatureColumnName);
        OnnxValue missing = network.Symbols > 0 ? graph.Number(0) : graph.NotFinite(graph.Flatten(input));
        OnnxValue series = _model.Scale is { } scale ? scale.ApplyInOnnx(graph, input) : input;
        ToOnnx(graph, network.ToOnnx(graph, series, lengths, _model.Weights)).AddTo(graph, missing);
    }

    internal sealed override string? FindOnnxFault(DataViewSchema input) =>
        "its graph reads series of any length beside their lengths, which no step of a chain gives; its SaveAsOnnx writes that graph alone";

    /// <summary>The columns of the graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What the network gives, (B, M).</param>
    private protected abstract OnnxColumn ToOnnx(OnnxGraph graph, OnnxValue outputs);

    /// <summary>What a cursor needs.</summary>
    /// <param name="input">The row.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    /// <param name="outputs">A buffer for each output column.</param>
    /// <param name="write">Fills them.</param>
    private protected ScoringSession CreateSession(DataViewRow input, int capacity, IReadOnlyList<OutputBuffer?> outputs, RowWriter write) =>
        new Session(this, input, capacity, outputs, write);

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];

    private void WarnOfLength(int steps) => WarnOnce(
        FormattableString.Invariant($"Column '{FeatureColumnName}' has a series of {steps} steps, but the network was made to remember {MaxDependency} ") +
        "(MaxDependency of its training).");

    private sealed class Session(SeriesTransformer owner, DataViewRow input, int capacity, IReadOnlyList<OutputBuffer?> outputs, RowWriter write)
        : ScoringSession
    {
        // More values are not read ahead, so that a batch of long series takes no more memory than one of short ones.
        private const int MostValues = 1 << 22;

        private readonly SeriesModel _model = owner._model;
        private readonly SeriesScorer _scorer = owner._scorer.Value;
        private readonly SeriesReader _reader = owner._model.Column.CreateReader(input);
        private readonly bool[] _isFinite = new bool[capacity];
        private readonly int[] _starts = new int[capacity + 1];
        private float[] _values = [];
        private float[] _results = [];
        private int _read;

        public override IReadOnlyList<OutputBuffer?> Outputs => outputs;

        public override bool IsFull => _read >= MostValues;

        public override void ReadRow(int slot)
        {
            if (slot == 0)
                _read = 0;
            _starts[slot] = _read;
            ReadOnlySpan<float> series = _reader.Read();
            _isFinite[slot] = series.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(series));
            int steps = series.Length / _model.Architecture.Channels;
            if (_model.MaxDependency > 0 && steps > _model.MaxDependency)
                owner.WarnOfLength(steps);
            // What is not finite is not scored.
            if (_isFinite[slot])
            {
                if (_values.Length - _read < series.Length)
                    Array.Resize(ref _values, Math.Max(checked(_read + series.Length), 2 * _values.Length));
                Span<float> own = _values.AsSpan(_read, series.Length);
                series.CopyTo(own);
                _read += series.Length;
                for (int step = 0; step < steps && _model.Scale is { } scale; step++)
                    scale.Apply(own.Slice(step * scale.Size, scale.Size));
            }

            _starts[slot + 1] = _read;
        }

        public override void Score(int count)
        {
            _read = 0;
            int size = _model.Architecture.Outputs;
            ScoringMemory.MakeRoom(ref _results, count - 1, size, capacity);
            _scorer.Score(new SeriesBatch(_values, _starts, _model.Architecture.Channels), count, _results);
            for (int slot = 0; slot < count; slot++)
            {
                Span<float> result = _results.AsSpan(slot * size, size);
                if (!_isFinite[slot])
                    result.Fill(float.NaN);
                write(result, slot);
            }
        }
    }
}
