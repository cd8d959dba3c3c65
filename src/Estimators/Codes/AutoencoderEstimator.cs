using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.Columns;
using MLNet.Papers.Images;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>The base of all estimators that learn codes of rows, and the rows from their codes.</summary>
/// <typeparam name="TTransformer">The transformer that it fits.</typeparam>
/// <typeparam name="TOptions">Its options.</typeparam>
public abstract class AutoencoderEstimator<TTransformer, TOptions> : TechniqueEstimator<TTransformer, TOptions>
    where TTransformer : class, ITransformer
    where TOptions : AutoencoderOptions, new()
{
    private protected AutoencoderEstimator(IHostEnvironment environment, string inputColumnName, TOptions? options)
        : base(environment, options) => Rows = new(inputColumnName, Options.ImageShape);

    /// <summary>The column of rows.</summary>
    private protected FeatureColumn Rows { get; }

    private protected sealed override IEnumerable<InputColumn> Inputs => [Rows];

    private protected sealed override TechniqueEstimator<TTransformer> For(DataViewSchema schema) =>
        Rows.ShapeToTake(schema) is { } shape ? With(Options.For(shape)) : this;

    private protected sealed override TTransformer Fit(IDataView input, IChannel channel)
    {
        using AutoencoderRows rows = AutoencoderRows.Read(
            input, Validation, Rows, Options, Environment, read => MinibatchTraining.RequireRows(read.Count, validation: null));
        return Learn(rows, channel);
    }

    /// <summary>The same estimator with other options.</summary>
    private protected abstract TechniqueEstimator<TTransformer> With(TOptions options);

    /// <summary>Learns from rows.</summary>
    private protected abstract TTransformer Learn(AutoencoderRows rows, IChannel channel);
}
