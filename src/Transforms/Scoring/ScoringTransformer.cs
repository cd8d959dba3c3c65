using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of all transformers of this package: a row-to-row transformer that scores an <see cref="IDataView"/> in batches.</summary>
/// <remarks>
/// A transformer is immutable and may be shared by threads. Where it scores on a GPU it does so in torch and holds native memory:
/// dispose it when it is no longer needed, but not before the views and prediction engines that were made from it. A prediction engine disposes its transformer
/// unless <see cref="PredictionEngineOptions.OwnsTransformer"/> is false; a transformer that holds nothing native works on.
/// </remarks>
public abstract class ScoringTransformer : ITransformer, IPersistentModel, IDisposable
{
    private int _batchSize = 64;
    private int _hasWarned;

    private protected ScoringTransformer(IHostEnvironment environment) => Environment = environment;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <summary>The environment of the <see cref="MLContext"/> that made or loaded this transformer.</summary>
    internal IHostEnvironment Environment { get; }

    /// <summary>How many rows a cursor reads ahead and scores at once. The values do not depend on it, up to rounding.</summary>
    internal int BatchSize
    {
        get => _batchSize;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _batchSize = value;
        }
    }

    /// <summary>Whether rows are worth collecting: true for networks, false where one row costs the same alone.</summary>
    internal abstract bool ScoresInBatches { get; }

    /// <summary>Says something of the rows, of all views and engines of this transformer together only once: a trainer may go over rows very often.</summary>
    /// <param name="message">What is said.</param>
    private protected void WarnOnce(string message)
    {
        if (Interlocked.Exchange(ref _hasWarned, 1) != 0)
            return;
        using IChannel channel = Environment.Start(GetType().Name);
        channel.Warning(MessageSensitivity.Schema, message);
    }

    private bool IsDisposed { get; set; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or of another type than the one fitted.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or of another type than the one fitted.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ScoringView(Bind(input.Schema), input);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or of another type than the one fitted.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(Bind(inputSchema));

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ModelPersistence.Save(ctx, this);
    }

    void IPersistentModel.Write(Stream weights) => ModelState.Write(weights, SavedState);

    /// <summary>Frees the native memory that this transformer owns. Transformers made from it are not affected.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the derived class owns; called once.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (ILazyScorer scorer in Scorers)
                scorer.Dispose();
        }

        IsDisposed = true;
    }

    /// <summary>The columns that are read.</summary>
    private protected abstract IEnumerable<InputColumn> Inputs { get; }

    /// <summary>The columns that are added to an input, whose columns were checked.</summary>
    internal abstract IReadOnlyList<OutputColumn> GetOutputColumns(DataViewSchema input);

    /// <summary>The classes of a classifier and the column that named them; null for other transformers.</summary>
    internal virtual NamedClasses? NamedClasses => null;

    /// <summary>The names of the columns that are read.</summary>
    internal IReadOnlyList<string> InputColumnNames => [.. Inputs.Select(column => column.Name)];

    /// <summary>What a cursor needs that scores up to <paramref name="capacity"/> rows at once.</summary>
    /// <param name="input">The row whose input columns are active.</param>
    /// <param name="active">For each output column, whether its values are wanted.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    internal abstract ScoringSession CreateSession(DataViewRow input, bool[] active, int capacity);

    /// <summary>Why the transformer cannot be part of an ONNX model that ML.NET's converter writes; null where it can.</summary>
    /// <param name="input">What it is applied to.</param>
    internal virtual string? FindOnnxFault(DataViewSchema input) => "what it computes cannot be said in operators of ONNX";

    /// <summary>Adds the transformer to such a model.</summary>
    internal virtual void AddTo(OnnxChain chain, ScoringBinding binding) =>
        throw new NotSupportedException($"{GetType().Name} cannot be part of an ONNX model.");

    /// <summary>All that the transformer is made of.</summary>
    private protected abstract IModelRecord SavedState { get; }

    /// <summary>The networks that it scores with, which are freed with it.</summary>
    private protected virtual IEnumerable<ILazyScorer> Scorers => [];

    private ScoringBinding Bind(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        if (IsDisposed)
        {
            foreach (ILazyScorer scorer in Scorers)
                scorer.Require();
        }

        foreach (InputColumn column in Inputs)
            column.Require(inputSchema);
        return new ScoringBinding(this, inputSchema, GetOutputColumns(inputSchema));
    }
}
