using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Series;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>The base of the trainers that learn to predict numbers from series.</summary>
/// <remarks>
/// <para><b>Input.</b> Features: a vector of Single, of known length or not, whose length is a multiple of <see cref="SeriesOptions.Channels"/>; or a vector of
/// keys. Label: a Single, or a vector of Single of known length K.</para>
/// <para><b>Output.</b> Score: a Single where the label is one, so that <c>mlContext.Regression.Evaluate</c> and <c>CrossValidate</c> work on it; else a vector
/// of Single of length K. In the label's unit.</para>
/// <para><b>Loss.</b> The mean squared error of the numbers, each on a scale with mean 0 and deviation 1, and <see cref="MinibatchOptions.L2"/>. A batch has
/// series of about one length; what a network says of a series does not depend on the padding behind it.</para>
/// <para><b>Cost.</b> The rows, 4 bytes a value, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file.</para>
/// <para><b>Randomness.</b> Initial weights, the order of rows and dropout, from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// <para><b>Fit.</b> The network is trained on all rows, which are read once. The transformer holds nothing native on a CPU.</para>
/// </remarks>
/// <typeparam name="TOptions">The technique's options.</typeparam>
public abstract class SeriesRegressionTrainer<TOptions> : TechniqueEstimator<SeriesRegressionTransformer, TOptions>
    where TOptions : SeriesOptions, new()
{
    private readonly TargetColumn _label;
    private readonly SeriesColumn _series;

    private protected SeriesRegressionTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, TOptions? options)
        : base(environment, options) => (_label, _series) = (new(Named(labelColumnName)), new(Named(featureColumnName), Options.Channels));

    private protected sealed override IEnumerable<InputColumn> Inputs => [_series, _label];

    private protected sealed override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [RegressionColumns.Create(null, _label.Require(input).Kind == SchemaShape.Column.VectorKind.Scalar ? null : 1)];

    private protected sealed override SeriesRegressionTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        using SeriesRows rows = Read(input);
        using SeriesRows? validation = Validation is null ? null : Read(Validation);
        StandardScale scale = rows.ScaleOfTargets();
        rows.ScaleTargets(scale);
        validation?.ScaleTargets(scale);
        SeriesModel model = new SeriesTraining(Environment, Options, _series, channel).Run(
            input.Schema, rows, validation, device, scale.Size, (output, numbers) => torch.nn.functional.mse_loss(output, numbers));
        bool isNumber = input.Schema[_label.Name].Type is not VectorDataViewType;
        return new SeriesRegressionTransformer(Environment, new(model with { Weights = InUnit(model, scale) }, isNumber));
    }

    private SeriesRows Read(IDataView data) => SeriesRows.Read(data, _series, _label, Options, Environment);

    // The linear layer gives the numbers in their unit.
    private static NetworkWeights InUnit(SeriesModel model, StandardScale scale)
    {
        Dictionary<string, float[]> weights = model.Architecture.Weights().ToDictionary(weight => weight.Name, weight => model.Weights[weight.Name]);
        float[] head = [.. weights["head.weight"]], bias = [.. weights["head.bias"]];
        for (int i = 0; i < head.Length; i++)
            head[i] = (float)(head[i] * scale.Deviations[i / model.Architecture.FeatureSize]);
        scale.Restore(bias, bias);
        (weights["head.weight"], weights["head.bias"]) = (head, bias);
        return NetworkWeights.Of(model.Architecture, weights);
    }
}
