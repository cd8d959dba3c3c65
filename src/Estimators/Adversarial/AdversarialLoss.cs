using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Adversarial;

/// <summary>What a discriminator d and those that deceive it lose, for its logits of rows of one kind and of the other.</summary>
/// <remarks>
/// Goodfellow et al., "Generative Adversarial Nets", NIPS 2014, arXiv:1406.2661; those that deceive have the labels swapped, so that their gradient does not
/// vanish where the discriminator is right. All of it goes through logits: -ln D = softplus(-d), -ln(1 - D) = softplus(d).
/// </remarks>
internal static class AdversarialLoss
{
    /// <summary>-ln D: what is lost where logits shall be high.</summary>
    public static Tensor High(Tensor logits) => functional.softplus(-logits).mean();

    /// <summary>-ln(1 - D): what is lost where logits shall be low.</summary>
    public static Tensor Low(Tensor logits) => functional.softplus(logits).mean();

    /// <summary>What the discriminator loses.</summary>
    /// <param name="positives">Its logits of what shall be high.</param>
    /// <param name="negatives">Those of what shall be low.</param>
    public static Tensor OfDiscriminator(Tensor positives, Tensor negatives) => High(positives) + Low(negatives);

    /// <summary>What those lose that make both kinds: the same with the labels swapped.</summary>
    public static Tensor OfDeceivers(Tensor positives, Tensor negatives) => OfDiscriminator(negatives, positives);
}
