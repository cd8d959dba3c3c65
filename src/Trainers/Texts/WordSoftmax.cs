using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Texts;

/// <summary>How a training predicts words: over all of them, or over a sample of those that are wrong.</summary>
/// <param name="words">V.</param>
/// <param name="samples">S, the words that are drawn for a batch; 0, or as many as there are, for all of them.</param>
internal sealed class WordSoftmax(int words, int samples)
{
    private readonly SampledSoftmax? _sampled = IsSampled(words, samples) ? new(new LogUniformSampler(words), samples) : null;

    /// <summary>Numbers that a step keeps for its predictions.</summary>
    /// <param name="predictions">N.</param>
    /// <param name="words">V.</param>
    /// <param name="samples">S.</param>
    public static double Memory(double predictions, int words, int samples) =>
        TrainingMemory.NumbersOfALogit * predictions * (IsSampled(words, samples) ? samples : words);

    /// <summary>The mean loss of N predictions in training.</summary>
    /// <param name="states">(N, P).</param>
    /// <param name="targets">N words.</param>
    /// <param name="weight">(V, P).</param>
    /// <param name="bias">(V).</param>
    /// <param name="random">Where chance comes from.</param>
    public Tensor Loss(Tensor states, long[] targets, Tensor weight, Tensor bias, Random random) =>
        _sampled?.Loss(states, targets, weight, bias, random) ?? CrossEntropy(states, targets, weight, bias, nn.Reduction.Mean);

    /// <summary>The loss over all words, as predictions are validated.</summary>
    public static Tensor CrossEntropy(Tensor states, long[] targets, Tensor weight, Tensor bias, nn.Reduction reduction) =>
        nn.functional.cross_entropy(nn.functional.linear(states, weight, bias), tensor(targets).to(states.device), reduction: reduction);

    private static bool IsSampled(int words, int samples) => samples > 0 && samples < words;
}
