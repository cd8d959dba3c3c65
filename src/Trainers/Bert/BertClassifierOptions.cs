namespace MLNet.Papers;

/// <summary>Options of <see cref="BertClassifierTrainer"/>.</summary>
/// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805, section 4.1 and appendix A.3.</remarks>
public sealed class BertClassifierOptions : BertTextOptions;
