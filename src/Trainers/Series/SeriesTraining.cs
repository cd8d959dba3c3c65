using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Series;

/// <summary>Trains a network over series.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">How the network is built and trained.</param>
/// <param name="column">The series.</param>
/// <param name="channel">Where warnings go.</param>
internal sealed class SeriesTraining(IHostEnvironment environment, SeriesOptions options, SeriesColumn column, IChannel channel)
{
    /// <summary>Trains.</summary>
    /// <param name="schema">The schema of the training rows.</param>
    /// <param name="rows">All rows that were given; those to validate on are taken from them if the options say so.</param>
    /// <param name="validation">Other rows to validate on, or null.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="outputs">How many numbers the network gives.</param>
    /// <param name="loss">The loss of what it gives (B, M) and of targets, a mean over the rows.</param>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows, or a loss or a weight is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public SeriesModel Run(
        DataViewSchema schema, SeriesRows rows, SeriesRows? validation, Device device, int outputs, Func<Tensor, Tensor, Tensor> loss)
    {
        rows.ReportFile(channel);
        validation?.ReportFile(channel);
        int symbols = SeriesColumn.SymbolsOf(schema[column.Name]);
        SeriesLearner learner = options.Learner(symbols, outputs, Math.Max(1, rows.Longest), channel);
        SeriesArchitecture architecture = learner.Architecture.RequireScorable(options.GetType().Name);
        StandardScale? scale = options.Normalize == SeriesNormalization.ZScore && symbols == 0 ? rows.ScaleOfSteps() : null;
        if (scale is not null)
        {
            rows.ScaleSteps(scale);
            validation?.ScaleSteps(scale);
        }

        var training = new MinibatchTraining(environment, options);
        ValidationSplit split = ValidationSplit.Draw(rows.Count, validation is null ? options.ValidationFraction : 0, training.Seed, rows.Classes);
        SeriesBatches? held = validation is not null ? validation.Batches([.. Enumerable.Range(0, validation.Count)], device)
            : split.Validation.Length > 0 ? rows.Batches(split.Validation, device)
            : null;
        NetworkWeights weights = training.Run(
            rows.Batches(split.Training, device), held, device, [architecture], learner.Create,
            network => (batch, noise) => Loss(learner, network, batch, noise, loss), learner.Result);
        return new SeriesModel(column.Name, SeriesColumn.LengthOf(schema[column.Name]), learner.MaxDependency, architecture, weights, scale);
    }

    private static Tensor Loss(SeriesLearner learner, WeightModule network, Batch batch, Noise? noise, Func<Tensor, Tensor, Tensor> loss)
    {
        Layers.WeightOf<Tensor> weight = learner.Weights(network, noise);
        Tensor series = batch.Inputs.transpose(0, 1);  // (B, T, p) -> (T, B, p)
        Tensor? sum = null;
        foreach ((Tensor features, double share) in learner.Features(series, batch[SeriesBatches.Last], weight, noise))
        {
            Tensor own = loss(learner.Architecture.Head(features, weight), batch.Targets);
            sum = sum is null ? own : sum + own.Times(share);
        }

        return sum!;
    }
}
