namespace MLNet.Papers;

/// <summary>Options of <see cref="BertTaggerTrainer"/>.</summary>
/// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805, section 5.3 and appendix A.3.</remarks>
public sealed class BertTaggerOptions : BertFineTuningOptions;
