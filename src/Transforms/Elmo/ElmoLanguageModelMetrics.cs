namespace MLNet.Papers;

/// <summary>How well a bidirectional language model predicts texts.</summary>
/// <param name="ForwardPerplexity">
/// The exponential of the mean negative log-probability (nats) of each token and of the text's end, given what stands before.
/// </param>
/// <param name="BackwardPerplexity">The same of each token and of the text's beginning, given what comes after.</param>
/// <param name="Predictions">What was predicted in each direction: all tokens, and an end for each text.</param>
/// <param name="UnknownRate">The part of the predictions whose word the model does not know; it must predict the mark that stands for all of them.</param>
/// <remarks>Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.1.</remarks>
public sealed record ElmoLanguageModelMetrics(double ForwardPerplexity, double BackwardPerplexity, long Predictions, double UnknownRate);
