using Microsoft.ML;
using Microsoft.ML.Transforms.Image;

namespace MLNet.Papers.Tests.Contract;

/// <summary>One estimator on its way through the checks. What the checks only read is made once.</summary>
internal sealed class Workout : IDisposable
{
    private readonly Lazy<MemoryView> _ownRows;
    private readonly Lazy<MemoryView> _data;
    private readonly Lazy<ITransformer> _model;
    private readonly Lazy<byte[]> _file;
    private readonly Lazy<ITransformer> _loaded;
    private readonly Lazy<Table> _expected;
    private readonly Lazy<Table> _expectedRowByRow;

    public Workout(IEstimatorCase estimatorCase)
    {
        Case = estimatorCase;
        _ownRows = new(() => MemoryView.Of(estimatorCase.Data(NewContext())));
        _data = new(() => WorkoutData.Widen(OwnRows));
        _model = new(() => Fit());
        _file = new(() => Save(Model));
        _loaded = new(() => Load());
        _expected = new(() => Expect.Works("Reading all columns of the transformed data", () => Table.Read(Model.Transform(Data))));
        _expectedRowByRow = new(() => RowClasses.ScoreRowByRow(Model, Data));
    }

    public IEstimatorCase Case { get; }

    /// <summary>The rows of the case, with the columns of the case.</summary>
    public MemoryView OwnRows => _ownRows.Value;

    /// <summary>The same rows with columns that pass through.</summary>
    public MemoryView Data => _data.Value;

    /// <summary>Fitted to <see cref="Data"/>. Shared: nobody disposes it.</summary>
    public ITransformer Model => _model.Value;

    /// <summary>The .zip of <see cref="Model"/>.</summary>
    public byte[] File => _file.Value;

    /// <summary>Loaded from <see cref="File"/>. Shared: nobody disposes it.</summary>
    public ITransformer Loaded => _loaded.Value;

    /// <summary>What <see cref="Model"/> makes of <see cref="Data"/>, read by one cursor over all columns.</summary>
    public Table Expected => _expected.Value;

    /// <summary>The columns that <see cref="Model"/> adds to <see cref="Data"/>, from a prediction engine.</summary>
    public Table ExpectedRowByRow => _expectedRowByRow.Value;

    /// <summary>How often the weights are damaged and loaded.</summary>
    public int Damages { get; init; } = 300;

    /// <summary>When a fit with an option at its largest value is cancelled; what the fit has done by then depends on the machine.</summary>
    public TimeSpan CancelledAfter { get; init; } = TimeSpan.FromSeconds(0.3);

    public static MLContext NewContext(int seed = 1) => new(seed);

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options = null) => Case.Create(ml, options ?? Case.SmallestOptions());

    /// <summary>Fits anew; the caller disposes the model.</summary>
    public ITransformer Fit(IDataView? data = null, int seed = 1) =>
        Expect.Works("Fit on valid data", () => Create(NewContext(seed)).Fit(data ?? Data));

    // ML.NET cannot save a schema of nothing but images.
    public byte[] Save(ITransformer model) => Expect.Works("Saving the model",
        () => ModelFile.Save(NewContext(), model, OwnRows.Schema.All(column => column.Type is ImageDataViewType) ? Data.Schema : OwnRows.Schema));

    /// <summary>Loads anew; the caller disposes the model.</summary>
    public ITransformer Load(byte[]? file = null) => Expect.Works("Loading the model", () => ModelFile.Load(file ?? File));

    /// <summary>The original and the loaded model, with words for them.</summary>
    public IEnumerable<(string Name, ITransformer Model)> Models() => [("the fitted model", Model), ("the loaded model", Loaded)];

    /// <summary>The columns that the model adds to <see cref="Data"/>.</summary>
    public IEnumerable<DataViewSchema.Column> Outputs() => Model.GetOutputSchema(Data.Schema).Skip(Data.Schema.Count);

    /// <summary>The columns of <see cref="Data"/> that the model reads.</summary>
    public IEnumerable<DataViewSchema.Column> Inputs() => Model.GetRowToRowMapper(Data.Schema).GetDependencies(Outputs());

    public void Dispose()
    {
        if (_loaded.IsValueCreated)
            (Loaded as IDisposable)?.Dispose();
        if (_model.IsValueCreated)
            (Model as IDisposable)?.Dispose();
    }
}
