namespace MLNet.Papers;

/// <summary>The options of what learns the weights of layers together with its own task.</summary>
/// <remarks>Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, sections 3.2 and 5.1.</remarks>
public abstract class LayerMixOptions : MinibatchOptions
{
    private protected LayerMixOptions()
    {
    }

    /// <summary>The part of the mixed vector that is dropped in training. From 0 to 0.9.</summary>
    [Between(0, 0.9)]
    public double Dropout { get; set; } = 0.5;

    /// <summary>
    /// What the sum of the squares of the layers' weights, before their softmax, is multiplied by and added to the loss: with 0.001 they are free to differ,
    /// with 1 they stay about equal (section 5.1). At least 0.
    /// </summary>
    [AtLeast(0)]
    public double MixPenalty { get; set; } = 0.001;
}
