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
/// <param name="options">Which of them, and how much.</param>
internal sealed class TrellisLearner(SeriesArchitecture architecture, TrellisNetOptions options) : SeriesLearner(architecture)
{
    private const string Input = "layers.0.input";
    private const string Recurrent = "layers.0.recurrent";
    private const string Direction = ".direction";
    private const string Length = ".length";

    private readonly Trellis _trellis = (Trellis)architecture.Layers[0];

    public override WeightModule Create()
    {
        if (!options.WeightNorm)
            return base.Create();
        var module = new WeightModule(Architecture.AllWeights().SelectMany(weight => weight.Name is Input or Recurrent
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
            Tensor direction = options.WeightNorm ? module.Of(name + Direction) : module.Of(name), kept = direction;
            var dropout = new DropoutNoise(options.WeightDropout, noise);
            if (noise is not null && options.WeightDropout > 0)
            {
                long rows = direction.shape[0] / _trellis.KernelSize * earlier;
                kept = cat([dropout.Apply(direction.narrow(0, 0, rows)), direction.narrow(0, rows, direction.shape[0] - rows)], 0);
            }

            return options.WeightNorm ? kept * (module.Of(name + Length) / LengthOf(kept)) : kept;
        }
    }

    public override IEnumerable<(Tensor Features, double Share)> Features(Tensor series, Tensor last, WeightOf<Tensor> weight, Noise? noise)
    {
        Tensor read = OverTime(options.InputDropout, noise)(Architecture.Embed(series, weight));
        RecurrentState[] levels = _trellis.Run(
            read, SeriesArchitecture.Own(weight, 0), drop: noise is null || options.HiddenDropout <= 0 ? null : OverTime(options.HiddenDropout, noise));
        Func<Tensor, Tensor> drop = OverTime(options.Dropout, noise);
        yield return (Of(levels[^1]), 1);
        if (noise is null || options.AuxiliaryWeight <= 0)
            yield break;
        for (long level = options.AuxiliaryEvery; level < levels.Length; level += options.AuxiliaryEvery)
            yield return (Of(levels[level - 1]), options.AuxiliaryWeight);

        Tensor Of(RecurrentState level) => drop(SeriesArchitecture.AtLast(_trellis.Outputs(level.Hidden), last).unsqueeze(0)).squeeze(0);
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
