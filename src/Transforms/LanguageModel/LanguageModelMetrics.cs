namespace MLNet.Papers;

/// <summary>How well a language model predicts rows.</summary>
/// <param name="Perplexity">The exponential of the mean negative log-probability (nats) of each token and of each row's end, given what stands before.</param>
/// <param name="BitsPerToken">The mean negative log-probability in bits: of characters, bits per character.</param>
/// <param name="LogProbability">ln p of a row, its end included: the mean over the rows, in nats.</param>
/// <param name="Predictions">What was predicted: all tokens, and an end for each row.</param>
/// <param name="UnknownRate">The part of the predictions whose token the model does not know; it must predict the mark that stands for all of them.</param>
public sealed record LanguageModelMetrics(double Perplexity, double BitsPerToken, double LogProbability, long Predictions, double UnknownRate);
