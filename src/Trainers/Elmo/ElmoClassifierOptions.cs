namespace MLNet.Papers;

/// <summary>Options of <see cref="ElmoClassifierTrainer"/>.</summary>
/// <remarks>Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2.</remarks>
public sealed class ElmoClassifierOptions : LayerMixOptions;
