using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>One of <see cref="MLNet.Papers.Normalization"/>.</summary>
/// <remarks>
/// Batch normalization keeps 0.9 of its old averages at a step. Group normalization is Wu and He, "Group Normalization", ECCV 2018, arXiv:1803.08494, equations
/// 1, 2 and 7: consecutive channels form a group, the variance is the biased one. Layer and instance normalization are its limits of one group and of one group
/// a channel.
/// </remarks>
/// <param name="Normalization">The kind.</param>
/// <param name="Groups">Groups of channels, with <see cref="Normalization.Group"/>; divides the channels.</param>
[LayerKind(2)]
internal sealed record ChannelNormalization(Normalization Normalization, int Groups = 1) : Layer
{
    private const double Epsilon = 1e-5;

    public override bool OwnsOutput => Normalization != Normalization.None;

    public override IEnumerable<LayerWeight> Weights(ImageShape input)
    {
        long[] shape = [input.Channels];
        return Normalization switch
        {
            Normalization.None => [],
            Normalization.Batch =>
            [
                new("weight", shape, WeightUse.Gain), new("bias", shape, WeightUse.Shift),
                new("running_mean", shape, WeightUse.Mean), new("running_var", shape, WeightUse.Variance),
            ],
            _ => [new("weight", shape, WeightUse.Gain), new("bias", shape, WeightUse.Shift)],
        };
    }

    public override bool Fits(ImageShape input) =>
        Enum.IsDefined(Normalization) && Groups >= 1 && FindConflict(Normalization, Groups, [input.Channels]) is null;

    /// <summary>What is wrong with a number of groups for these channels, to stand after the option's name; null if nothing is.</summary>
    public static string? FindConflict(Normalization normalization, int groups, IEnumerable<int> channels)
    {
        if (normalization != Normalization.Group)
            return null;
        int odd = channels.FirstOrDefault(count => count % groups != 0);
        return odd == 0 ? null : FormattableString.Invariant($"must divide the channels of every layer, but was {groups}, and a layer has {odd}.");
    }

    public override string? FindLoss(ImageShape input, IEnumerable<Layer> after)
    {
        if (Normalization is Normalization.None or Normalization.Batch)
            return null;
        int groups = GroupsOf(input.Channels);
        long values = input.Values / groups;
        // One normalized value is 0. Two are -1 and 1, so that the mean or maximum of a channel does not depend on them either.
        bool isPooled = groups == input.Channels && after.FirstOrDefault(layer => layer.Form != LayerForm.Any) is { PoolsChannels: true };
        return values == 1 || (values == 2 && isPooled)
            ? $"must leave something of an image, but {Normalization} normalizes {input} values in {groups} groups of {values}" +
                $"{(values > 1 ? ", whose mean is taken" : "")}: they are the same for every image"
            : null;
    }

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass)
    {
        if (Normalization == Normalization.None)
            return x;
        Tensor gain = weight("weight"), shift = weight("bias");
        // libtorch ends the process in the backward pass of group normalization if its input needs no gradient.
        if (Normalization != Normalization.Batch && gain.requires_grad && !x.requires_grad && is_grad_enabled())
            x = x.detach().requires_grad_(true);
        if (Normalization != Normalization.Batch)
            return nn.functional.group_norm(x, GroupsOf(input.Channels), gain, shift, Epsilon);
        if (pass.StatisticsRows is not { } rows)
            return nn.functional.batch_norm(x, weight("running_mean"), weight("running_var"), gain, shift, pass.IsTraining, eps: Epsilon);
        if (rows == x.shape[0] && pass.Statistics is null)
        {
            // The same in one pass; torch keeps running averages, which nobody asks for.
            using Tensor runningMean = zeros_like(shift, requires_grad: false), runningVariance = ones_like(shift, requires_grad: false);
            return nn.functional.batch_norm(x, runningMean, runningVariance, gain, shift, training: true, eps: Epsilon);
        }

        Tensor seen = rows == x.shape[0] ? x : x.narrow(0, 0, rows);
        Tensor mean = seen.mean([0L, 2L, 3L]);
        Tensor centred = seen - mean.view(1, -1, 1, 1);
        Tensor variance = centred.square().mean([0L, 2L, 3L]);  // biased, as batch normalization has it
        pass.Statistics?.Add((mean, variance));
        Tensor scale = gain * variance.Plus(Epsilon).rsqrt();
        return (x * scale.view(1, -1, 1, 1)) + (shift - (mean * scale)).view(1, -1, 1, 1);
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight)
    {
        switch (Normalization)
        {
            case Normalization.None:
                return x;
            case Normalization.Batch:
                return graph.Node(
                    "BatchNormalization", [x, weight("weight"), weight("bias"), weight("running_mean"), weight("running_var")], ("epsilon", (float)Epsilon));
            case Normalization.Instance:
                return graph.Node("InstanceNormalization", [x, weight("weight"), weight("bias")], ("epsilon", (float)Epsilon));
        }

        // The channels of a group are one channel of instance normalization; after it each of them gets its own gain and shift.
        int count = GroupsOf(input.Channels);
        OnnxValue ones = graph.Weight("ones", [count], () => [.. Enumerable.Repeat(1f, count)]), zeros = graph.Weight("zeros", [count], () => new float[count]);
        OnnxValue normalized = graph.Node("InstanceNormalization", [graph.Reshape(x, 0, count, -1), ones, zeros], ("epsilon", (float)Epsilon));
        OnnxValue restored = graph.Reshape(normalized, 0, input.Channels, input.Height, input.Width);
        return graph.Add(graph.Multiply(restored, graph.Unsqueeze(weight("weight"), 1, 2)), graph.Unsqueeze(weight("bias"), 1, 2));
    }

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        if (Normalization == Normalization.None)
            return;
        if (Normalization == Normalization.Batch)
        {
            plan.Scale(input, () => Scale(weight));
            return;
        }

        plan.Add(new RowStep(input.Values, () =>
        {
            float[] gain = weight("weight"), shift = weight("bias");
            int groups = GroupsOf(input.Channels);
            return (row, output, _) => FusedNormalization.Groups(row, output, groups, gain, shift, Epsilon);
        }));
    }

    // Batch normalization in use: each channel times a factor, plus a term.
    private static (double[] Factors, double[] Terms) Scale(WeightOf<float[]> weight)
    {
        float[] gain = weight("weight"), shift = weight("bias"), mean = weight("running_mean"), variance = weight("running_var");
        double[] factors = [.. gain.Select((value, channel) => value / Math.Sqrt(variance[channel] + Epsilon))];
        return (factors, [.. shift.Select((value, channel) => value - (mean[channel] * factors[channel]))]);
    }

    private int GroupsOf(int channels) => Normalization switch
    {
        Normalization.Group => Groups,
        Normalization.Instance => channels,
        _ => 1,
    };
}
