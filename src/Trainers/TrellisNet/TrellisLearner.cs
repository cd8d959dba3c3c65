using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Series;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.TrellisNet;

/// <summary>Trains a trellis network with the paper's regularization: weight normalization, DropConnect, variational dropout and deep supervision (section
/// 5.2).</summary>
/// <param name="architecture">The network; its only layer is a <see cref="Trellis"/>.</param>
/// <param name="regularization">Which of them, and how much.</param>
internal sealed class TrellisLearner(SeriesArchitecture architecture, TrellisRegularization regularization) : SeriesLearner(architecture)
{
    private const string Input = "layers.0.input";
    private const string Recurrent = "layers.0.recurrent";
    private const string Direction = ".direction";
    private const string Length = ".length";

    private readonly Trellis _trellis = (Trellis)architecture.Layers[0];

    /// <summary>What a training keeps of a step: states, gates and taps of each level, and what the input adds for each dilation.</summary>
    /// <param name="trellis">The network.</param>
    /// <param name="inputs">I.</param>
    public static long ValuesOfAStep(Trellis trellis, int inputs) => (trellis.Levels * (12L + trellis.KernelSize) * trellis.Units)
        + (((4L * trellis.Units) + (trellis.KernelSize * (long)inputs)) * trellis.Dilations.Distinct().Count());

    public override WeightModule Create()
    {
        IEnumerable<LayerWeight> weights = Architecture.AllWeights();
        if (!regularization.WeightNorm)
            return new(weights);
        var module = new WeightModule(weights.SelectMany(weight => weight.Name is Input or Recurrent
            ? new[] { weight with { Name = weight.Name + Direction }, new(weight.Name + Length, [1, weight.Shape[1]], WeightUse.Bias) }
            : [weight]));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach (string name in new[] { Input, Recurrent })
            module.Of(name + Length).copy_(LengthOf(module.Of(name + Direction)));
        return module;
    }

    public override WeightOf<Tensor> Weights(WeightModule module, Noise? noise)
    {
        // Once for all levels.
        Dictionary<string, Tensor> made = new()
        {
            [Input] = Made(Input, _trellis.KernelSize - 1L),
            [Recurrent] = Made(Recurrent, _trellis.KernelSize - 1L),
        };
        return name => made.TryGetValue(name, out Tensor? weight) ? weight : module.Of(name);

        Tensor Made(string name, long earlier)
        {
            Tensor direction = regularization.WeightNorm ? module.Of(name + Direction) : module.Of(name), kept = direction;
            var dropout = new DropoutNoise(regularization.WeightDropout, noise);
            if (noise is not null && regularization.WeightDropout > 0)
            {
                long rows = direction.shape[0] / _trellis.KernelSize * earlier;
                kept = cat([dropout.Apply(direction.narrow(0, 0, rows)), direction.narrow(0, rows, direction.shape[0] - rows)], 0);
            }

            return regularization.WeightNorm ? kept * (module.Of(name + Length) / LengthOf(kept)) : kept;
        }
    }

    public override IEnumerable<(Tensor Outputs, double Share)> Outputs(Tensor series, WeightOf<Tensor> weight, Noise? noise)
    {
        Tensor read = OverTime(regularization.InputDropout, noise)(Architecture.Embed(series, weight));
        RecurrentState[] levels = _trellis.Run(
            read, SeriesArchitecture.Own(weight, 0),
            drop: noise is null || regularization.HiddenDropout <= 0 ? null : OverTime(regularization.HiddenDropout, noise));
        Func<Tensor, Tensor> drop = OverTime(regularization.Dropout, noise);
        yield return (drop(_trellis.Outputs(levels[^1].Hidden)), 1);
        if (noise is null || regularization.AuxiliaryWeight <= 0)
            yield break;
        for (long level = regularization.AuxiliaryEvery; level < levels.Length; level += regularization.AuxiliaryEvery)
            yield return (drop(_trellis.Outputs(levels[level - 1].Hidden)), regularization.AuxiliaryWeight);
    }

    // Drops the same places in all steps, and whenever it is called: variational dropout.
    internal static Func<Tensor, Tensor> OverTime(double part, Noise? noise)
    {
        var dropout = new DropoutNoise(part, noise);
        Tensor? mask = null;
        return values => noise is null || part <= 0 ? values : values * (mask ??= dropout.Apply(values.new_ones(1, values.shape[1], values.shape[2])));
    }

    // Of each row of the paper's matrices, which is a column here, (1, gates).
    private static Tensor LengthOf(Tensor direction) => direction.square().sum(0L, keepdim: true).sqrt();
}

/// <summary>The regularization of a trellis network; <see cref="TrellisNetOptions"/> say what each part means.</summary>
internal sealed record TrellisRegularization
{
    public bool WeightNorm { get; init; }

    public double Dropout { get; init; }

    public double InputDropout { get; init; }

    public double HiddenDropout { get; init; }

    public double WeightDropout { get; init; }

    public double AuxiliaryWeight { get; init; }

    public int AuxiliaryEvery { get; init; } = 1;
}
