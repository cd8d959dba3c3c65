using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>The layers that <see cref="Normalization"/> names.</summary>
/// <remarks>
/// Batch normalization keeps 0.9 of its old averages at a step. Group normalization is Wu and He, "Group Normalization", ECCV 2018, arXiv:1803.08494, equations 1, 2
/// and 7: consecutive channels form a group, the variance is the biased one. Layer and instance normalization are its limits of one group and of one group a channel.
/// </remarks>
internal static class ChannelNormalization
{
    public const double Epsilon = 1e-5;

    /// <summary>Makes the layer for activations (B, C, H, W); null for none.</summary>
    /// <param name="normalization">The kind.</param>
    /// <param name="groups">The number of groups, with <see cref="Normalization.Group"/>; divides the channels.</param>
    /// <param name="channels">C.</param>
    public static Module<Tensor, Tensor>? Create(Normalization normalization, int groups, int channels) => normalization switch
    {
        Normalization.Batch => BatchNorm2d(channels, Epsilon),
        Normalization.Group => Groups(groups, channels),
        Normalization.Layer => Groups(1, channels),
        Normalization.Instance => Groups(channels, channels),
        _ => null,
    };

    // TorchSharp 0.107 leaves the weights of this layer as it found the memory.
    private static TorchSharp.Modules.GroupNorm Groups(int groups, int channels)
    {
        TorchSharp.Modules.GroupNorm normalization = GroupNorm(groups, channels, Epsilon);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        normalization.weight!.fill_(1);
        normalization.bias!.zero_();
        return normalization;
    }

    /// <summary>Names and shapes of what training changes in such a layer.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Weights(Normalization normalization, string prefix, long channels)
    {
        if (normalization == Normalization.None)
            yield break;
        yield return ($"{prefix}.weight", [channels]);
        yield return ($"{prefix}.bias", [channels]);
        if (normalization != Normalization.Batch)
            yield break;
        yield return ($"{prefix}.running_mean", [channels]);
        yield return ($"{prefix}.running_var", [channels]);
    }

    /// <summary>What is wrong with a number of groups for these channels, to stand after the option's name; null if nothing is.</summary>
    public static string? FindConflict(Normalization normalization, int groups, IEnumerable<int> channels)
    {
        if (normalization != Normalization.Group)
            return null;
        int odd = channels.FirstOrDefault(count => count % groups != 0);
        return odd == 0 ? null : FormattableString.Invariant($"must divide the channels of every layer, but was {groups}, and a layer has {odd}.");
    }
}
