using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of all estimators of this package. An estimator is immutable and may be fitted many times; each fit begins anew.</summary>
/// <typeparam name="TTransformer">The transformer that it fits.</typeparam>
public abstract class TechniqueEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : class, ITransformer
{
    private protected TechniqueEstimator(IHostEnvironment environment) => Environment = environment;

    /// <summary>The environment of the <see cref="MLContext"/> that made this estimator.</summary>
    private protected IHostEnvironment Environment { get; }

    /// <summary>The columns that are read.</summary>
    private protected abstract IEnumerable<InputColumn> Inputs { get; }

    /// <summary>Rows to validate on, whose columns must be as those of the rows to train on; null for none.</summary>
    private protected virtual IDataView? Validation => null;

    /// <summary>Fits a transformer to all rows of <paramref name="input"/>. Each estimator says what it learns and how often it reads them.</summary>
    /// <param name="input">The training data.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">The rows contradict the options; see each estimator.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public TTransformer Fit(IDataView input)
    {
        RequireColumns(input);
        using IChannel channel = Environment.Start(GetType().Name);
        return For(input.Schema).Fit(input, channel);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (InputColumn column in Inputs)
            column.Require(inputSchema);
        var added = new DataViewSchema.Builder();
        foreach (OutputColumn column in Outputs(inputSchema))
            added.AddColumn(column.Name, column.Type, column.Annotations);
        return SchemaShapes.With(inputSchema, [.. SchemaShapes.Of(added.ToSchema())]);
    }

    /// <summary>The estimator that fits rows of a schema: this one, or one with options that the schema says.</summary>
    /// <param name="schema">A schema whose columns were checked.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another option does not fit what the schema says.</exception>
    private protected virtual TechniqueEstimator<TTransformer> For(DataViewSchema schema) => this;

    /// <summary>Fits a transformer to rows whose columns were checked.</summary>
    /// <param name="input">The training data.</param>
    /// <param name="channel">The log.</param>
    private protected abstract TTransformer Fit(IDataView input, IChannel channel);

    /// <summary>The columns that the transformer will add. Where a length or a count is not known before the fit, any stands for it.</summary>
    /// <param name="input">Columns that were checked.</param>
    private protected abstract IEnumerable<OutputColumn> Outputs(SchemaShape input);

    /// <summary>Checks what must hold of all columns together, when each is as it must be.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not.</exception>
    private protected virtual void CheckSchema(DataViewSchema schema)
    {
    }

    /// <summary>Checks the columns of the rows to train on and of those to validate on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    private protected void RequireColumns(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumn[] columns = [.. Inputs];
        Require(input.Schema, columns);
        if (Validation is not { } validation)
            return;
        try
        {
            Require(validation.Schema, columns.Select(column => column.Like(input.Schema[column.Name])));
        }
        catch (ArgumentOutOfRangeException refusal)
        {
            throw new ArgumentOutOfRangeException($"{refusal.Message} Rows of Validation must have the columns of those to train on.", refusal);
        }
    }

    /// <summary>Stops a fit that was cancelled.</summary>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    private protected void Check() => Host.ThrowIfCanceled(Environment);

    /// <summary>The name of a column that an argument gives.</summary>
    /// <exception cref="ArgumentException">It is blank.</exception>
    private protected static string Named(string name, [CallerArgumentExpression(nameof(name))] string? argument = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, argument);
        return name;
    }

    private void Require(DataViewSchema schema, IEnumerable<InputColumn> columns)
    {
        foreach (InputColumn column in columns)
            column.Require(schema);
        CheckSchema(schema);
    }
}

/// <summary>The base of the estimators that have options, which are copied and checked when the estimator is made.</summary>
/// <typeparam name="TTransformer">The transformer that it fits.</typeparam>
/// <typeparam name="TOptions">Its options.</typeparam>
public abstract class TechniqueEstimator<TTransformer, TOptions> : TechniqueEstimator<TTransformer>
    where TTransformer : class, ITransformer
    where TOptions : TechniqueOptions, new()
{
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule; the message names the option, the rule and the value.</exception>
    private protected TechniqueEstimator(IHostEnvironment environment, TOptions? options)
        : base(environment)
    {
        Options = (TOptions)(options ?? new()).Copy();
        Options.Validate();
    }

    /// <summary>Checked options, which nobody changes.</summary>
    private protected TOptions Options { get; }

    private protected sealed override IDataView? Validation => Options.RowsToValidateOn;
}
