using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Onnx;
using MLNet.Papers.Tests.Contract.Broken;
using TorchSharp;

[assembly: LoadableModel<FaultyTransformer>("Faulty")]

namespace MLNet.Papers.Tests.Contract.Broken;

/// <summary>A sound model with one fault put around it.</summary>
internal sealed class FaultyTransformer : IPersistentModel<FaultyTransformer>, IPredictionModel<FaultyTransformer>, IHasBatchSize, IOnnxModel, IGenerator,
    IDisposable
{
    private static FaultyTransformer? _lastSaved;

    private readonly IHostEnvironment _environment;
    private readonly FaultyTransformer? _original;
    private bool _memoryIsGone;
    private bool _isDisposed;

    public FaultyTransformer(IHostEnvironment environment, StubState state, FaultyTransformer? original = null, bool isLoaded = false)
    {
        _environment = environment;
        _original = original;
        IsLoaded = isLoaded;
        Sound = new StubTransformer(environment, state);
    }

    /// <summary>The fault of the model that was saved last.</summary>
    public static Fault LastSaved => _lastSaved?.Fault ?? Fault.None;

    /// <summary>Tensors that a fault keeps; freed after the test.</summary>
    public static List<torch.Tensor> KeptTensors { get; } = [];

    /// <summary>Buffers that cursors take in turn.</summary>
    public (float Value, int Writer)[] PooledBuffers { get; } = new (float, int)[4];

    /// <summary>The model without the fault.</summary>
    public StubTransformer Sound { get; }

    public Fault Fault => Sound.State.Fault;

    public bool IsLoaded { get; }

    public bool IsRowToRowMapper => true;

    string IFeatureReader.FeatureColumnName => Fault == Fault.NamesAnotherColumnToExplanations ? StubTransformer.Score : StubTransformer.Features;

    DataViewType IFeatureReader.FeatureColumnType => new VectorDataViewType(NumberDataViewType.Single, Sound.State.InputSize);

    public int BatchSize
    {
        get => Sound.BatchSize;
        set => Sound.BatchSize = value;
    }

    /// <summary>What is added to every score.</summary>
    public float Shift => Fault switch
    {
        Fault.LoadedModelGivesOtherValues when IsLoaded => 1e-3f,
        Fault.LoadedModelSharesMemoryWithTheOriginal when _memoryIsGone => 1,
        Fault.ValuesDependOnTheBatchSize when BatchSize != 32 => 1e-3f,
        _ => 0,
    };

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        try
        {
            return Adjust(Sound.GetOutputSchema(inputSchema));
        }
        catch (ArgumentOutOfRangeException exception) when (Fault == Fault.RefusesWithPlainArgumentException)
        {
            throw new ArgumentException(exception.Message, nameof(inputSchema));
        }
    }

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new FaultyMapper(this, Sound.GetRowToRowMapper(inputSchema));

    public IDataView Transform(IDataView input)
    {
        if (Fault == Fault.DoesNotScoreInACancelledContext)
            Host.ThrowIfCanceled(_environment);
        if (Fault == Fault.CannotTransformNoRows && input.GetRowCount() == 0)
            throw new InvalidOperationException("Sequence contains no elements.");
        if (Fault == Fault.CannotTransformOneRow && input.GetRowCount() == 1)
            throw new InvalidOperationException("Expected more than one value per channel.");
        try
        {
            var view = new FaultyView(this, input, Sound.Transform(input));
            return Fault == Fault.IsLeftOutOfAConvertedChain ? new UnrelatedView(view) : view;
        }
        catch (ArgumentOutOfRangeException) when (Fault == Fault.LoadedModelTransformsAnyInput && IsLoaded)
        {
            return input;
        }
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _lastSaved = this;
        ModelPersistence.Save(ctx, Fault == Fault.LoadsAsAnotherType ? Sound : this);
    }

    void IPersistentModel.Write(Stream weights)
    {
        StubState state = Sound.State;
        if (Fault == Fault.LoadedModelSavesOtherWeights && IsLoaded)
            state = state with { Centre = [.. state.Centre.Select(value => value + 1e-3f)] };
        state.Write(weights);
    }

    IDataView IGenerator.Generate(int count, int? seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int first = (seed ?? 0) + (Fault == Fault.GeneratesOtherRowsWhenMoreAreMade ? count : 0)
            + (Fault == Fault.GeneratesOtherRowsWhenItWasLoaded && IsLoaded ? 100 : 0);
        var rows = new MemoryView([MemoryColumn.Vectors(
            Fault == Fault.GeneratesRowsOfAnotherName ? "Made" : StubTransformer.Features,
            [.. Enumerable.Range(0, Math.Max(1, count)).Select(row => Enumerable.Repeat((float)(first + row), Sound.State.InputSize).ToArray())])]);
        return rows.Take(Enumerable.Range(0, count));
    }

    void IOnnxModel.SaveAsOnnx(Stream stream)
    {
        StubState state = Sound.State;
        OnnxDimension batch = Fault == Fault.OnnxModelTakesOneRow ? 1 : OnnxGraph.Batch;
        var graph = new OnnxGraph();
        OnnxValue rows = graph.Input(StubTransformer.Features, OnnxType.Single, batch, state.InputSize);
        OnnxValue weights = graph.Weight("weights", [StubTransformer.Classes, state.InputSize], () => state.Weights);
        OnnxValue shift = graph.Weight("shift", [StubTransformer.Classes], () => new float[StubTransformer.Classes]);
        OnnxValue score = graph.Tanh(graph.Linear(graph.Subtract(rows, graph.Weight("centre", [state.InputSize], () => state.Centre)), weights, shift));
        if (Fault == Fault.OnnxModelGivesOtherValues)
            score = graph.Add(score, graph.Number(1e-3f));
        if (Fault == Fault.OnnxModelScoresNaN)
            score = graph.Node("Where", [graph.Node("IsNaN", [score]), graph.Number(0), score]);
        graph.Output(StubTransformer.Score, Fault == Fault.OnnxModelScoresNaN ? score : graph.Add(score, graph.NotFinite(rows)), batch,
            StubTransformer.Classes);
        new OnnxFile(graph).Write(stream);
    }

    static FaultyTransformer IPersistentModel<FaultyTransformer>.Read(IHostEnvironment environment, Stream weights)
    {
        var state = StubState.Read(weights);
        if (state.Fault == Fault.LoadsOnlyWhereTheEstimatorWasMade && !FaultyEstimator.WasMade)
            throw new InvalidOperationException("Call Register() first.");
        return new FaultyTransformer(environment, state, _lastSaved, isLoaded: true);
    }

    public void Dispose()
    {
        ObjectDisposedException.ThrowIf(_isDisposed && Fault == Fault.SecondDisposeThrows, this);
        _isDisposed = true;
        if (_original is not null)
            _original._memoryIsGone = true;
        Sound.Dispose();
    }

    public DataViewSchema Adjust(DataViewSchema schema) =>
        Fault == Fault.LoadedModelRenamesItsSlots && IsLoaded ? Copy(schema, StubTransformer.Names("SlotNames", "one", "two")) : schema;

    /// <summary>The same schema in another object, with other annotations for the score.</summary>
    public static DataViewSchema Copy(DataViewSchema schema, DataViewSchema.Annotations? scoreAnnotations)
    {
        var builder = new DataViewSchema.Builder();
        foreach (DataViewSchema.Column column in schema)
            builder.AddColumn(column.Name, column.Type, column.Name == StubTransformer.Score ? scoreAnnotations : column.Annotations);
        return builder.ToSchema();
    }

    private sealed class FaultyMapper(FaultyTransformer model, IRowToRowMapper sound) : IRowToRowMapper
    {
        public DataViewSchema InputSchema { get; } = model.Fault == Fault.MapperCopiesItsInputSchema ? Copy(sound.InputSchema, null) : sound.InputSchema;

        public DataViewSchema OutputSchema { get; } =
            model.Fault == Fault.MapperLosesAnnotations ? Copy(sound.OutputSchema, null) : model.Adjust(sound.OutputSchema);

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
            sound.GetDependencies(dependingColumns);

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        {
            DataViewRow row = sound.GetRow(input, activeColumns);
            return model.Fault == Fault.RowMapperGivesOtherValues ? new ShiftedRow(row) : row;
        }
    }

    private sealed class ShiftedRow(DataViewRow sound) : DataViewRow
    {
        public override DataViewSchema Schema => sound.Schema;

        public override long Position => sound.Position;

        public override long Batch => sound.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => sound.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => sound.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            FaultyCursor.Change(sound.GetGetter<TValue>(column), column, score => score[0] += 1);
    }
}
