using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Distillation;

/// <summary>The losses of Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770, sections 3 and 4, and of Hinton et al. 2015,
/// arXiv:1503.02531.</summary>
/// <remarks>B rows of K classes. Logits are (B, K), as are the teacher's probabilities p and the labels y, which are one-hot, or all 0 for a row without
/// one.</remarks>
internal static class SoftTargets
{
    /// <summary>H(p, q) = −Σ_i p_i ln q_i of each row, q being the softmax of the logits; its gradient is q − p.</summary>
    /// <returns>B values in nats.</returns>
    public static Tensor CrossEntropy(Tensor targets, Tensor logits) => -(targets * nn.functional.log_softmax(logits, 1)).sum(dim: 1);

    /// <summary>(1/B) Σ_s λ H(y_s, q_s) + (1 − λ) T² H(p_s, q_s), the second q being the softmax of the logits divided by T; λ is 0 in rows without a
    /// label.</summary>
    /// <param name="teacher">p, of the same temperature.</param>
    /// <param name="labels">y.</param>
    /// <param name="logits">The student's.</param>
    /// <param name="labelWeight">λ.</param>
    /// <param name="temperature">T.</param>
    public static Tensor Distillation(Tensor teacher, Tensor labels, Tensor logits, double labelWeight, double temperature)
    {
        Tensor fromTeacher = temperature == 1 ? CrossEntropy(teacher, logits) : CrossEntropy(teacher, logits.Over(temperature))
            .Times(temperature * temperature);
        if (labelWeight == 0)
            return fromTeacher.mean();
        Tensor weight = labels.sum(dim: 1).Times(labelWeight);  // (B): λ, or 0
        return (CrossEntropy(labels, logits).Times(labelWeight) + (weight.neg().Plus(1.0) * fromTeacher)).mean();
    }

    /// <summary>CWTM: Σ_s w_s H(y_s, q_s) with w_s = max_i p_{i,s} / Σ_u max_i p_{i,u} over the batch. All rows have labels.</summary>
    public static Tensor ConfidenceWeighted(Tensor teacher, Tensor labels, Tensor logits)
    {
        Tensor confidence = teacher.amax([1L]);  // (B, K) -> (B)
        return (confidence / confidence.sum() * CrossEntropy(labels, logits)).sum();
    }

    /// <summary>DKPP: leaves the greatest probability where it is and puts the others in random places.</summary>
    public static void Permute(Span<float> probabilities, Random random)
    {
        int last = probabilities.Length - 1, greatest = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(probabilities);
        (probabilities[greatest], probabilities[last]) = (probabilities[last], probabilities[greatest]);
        random.Shuffle(probabilities[..last]);
        (probabilities[greatest], probabilities[last]) = (probabilities[last], probabilities[greatest]);
    }

    /// <summary>Puts the distribution of a temperature in the place of one of temperature 1: p_i^(1/T) / Σ_j p_j^(1/T). What is 0 stays 0.</summary>
    public static void Soften(Span<float> probabilities, double temperature)
    {
        double greatest = System.Numerics.Tensors.TensorPrimitives.Max<float>(probabilities), sum = 0;
        foreach (float probability in probabilities)
            sum += Power(probability);
        for (int i = 0; i < probabilities.Length; i++)
            probabilities[i] = (float)(Power(probabilities[i]) / sum);

        // The greatest becomes 1, so that at low temperatures not all of them become 0.
        double Power(float probability) => Math.Pow(probability / greatest, 1 / temperature);
    }
}
