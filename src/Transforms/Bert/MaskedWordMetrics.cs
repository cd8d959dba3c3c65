namespace MLNet.Papers;

/// <summary>How well a BERT predicts hidden pieces of texts.</summary>
/// <param name="Loss">The mean negative log-probability (nats) of the hidden pieces.</param>
/// <param name="Accuracy">The part of them that the model holds for the likeliest.</param>
/// <param name="UnigramEntropy">
/// The entropy (nats) of how often each piece occurs in these texts: the least loss of a model that knows no more than that.
/// </param>
/// <param name="Predictions">How many pieces were hidden.</param>
/// <param name="UnknownRate">The part of all pieces that is the mark for words that the model has no pieces for.</param>
/// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805, section 3.1, task 1.</remarks>
public sealed record MaskedWordMetrics(double Loss, double Accuracy, double UnigramEntropy, long Predictions, double UnknownRate);
