using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>Equation 1 with the classifier that it is learned with. The layers begin with equal weights, the scale with 1.</summary>
internal static class LayerMixLoss
{
    /// <summary>Cross-entropy, and in training the penalty on the weights w before their softmax.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="vectors">(N, layers * size), on a scale of mean 0 and deviation 1.</param>
    /// <param name="classes">(N).</param>
    /// <param name="dropout">What is dropped of the mixed vectors.</param>
    /// <param name="penalty">lambda.</param>
    public static Tensor Of(LayerMixArchitecture architecture, WeightModule weights, Tensor vectors, Tensor classes, DropoutNoise dropout, double penalty)
    {
        Tensor mix = weights.Of("mix"), layers = vectors.view(-1, architecture.Layers, architecture.Size);
        Tensor mixed = architecture.Layers == 1 ? layers.squeeze(1) : (layers * mix.softmax(0).view(1, -1, 1)).sum(1);  // (N, size)
        Tensor logits = nn.functional.linear(dropout.Apply(mixed * weights.Of("scale")), weights.Of("head.weight"), weights.Of("head.bias"));
        Tensor loss = nn.functional.cross_entropy(logits, classes);
        return weights.training && penalty > 0 ? loss + mix.square().sum().Times(penalty) : loss;
    }
}
