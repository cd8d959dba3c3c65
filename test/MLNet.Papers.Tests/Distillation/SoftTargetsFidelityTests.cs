using MLNet.Papers.Distillation;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>The losses against the paper: by hand, by closed forms of their gradients in double, and in their limits.</summary>
[TestClass]
public sealed class SoftTargetsFidelityTests
{
    private static readonly float[,] Teacher = { { 0.7f, 0.2f, 0.1f }, { 0.25f, 0.5f, 0.25f }, { 0.1f, 0.1f, 0.8f }, { 0.34f, 0.33f, 0.33f } };
    private static readonly float[,] Logits = { { 1, -0.5f, 0.25f }, { 0, 2, -1 }, { 0.5f, 0.5f, 0.5f }, { -2, 1, 3 } };
    private static readonly int[] Labels = [0, 2, 2, 1];

    // q = (1/2, 1/2): the loss is ln 2 whatever p is, and the gradient q - p = (-0.3, 0.3).
    [TestMethod]
    public void Two_equal_logits_lose_ln_2()
    {
        (double loss, double[] gradient) =
            Evaluate(logits => SoftTargets.Distillation(tensor(new float[,] { { 0.8f, 0.2f } }), zeros(1, 2), logits, 0, 1), new float[,] { { 0, 0 } });
        Assert.AreEqual(0.693147, loss, 1e-6);
        AssertNear([-0.3, 0.3], gradient);
    }

    // (1/b) Σ_s H(p_s, q_s), whose gradient is (q - p) / b.
    [TestMethod]
    public void Ban_is_the_cross_entropy_with_the_teacher() =>
        AssertLoss(logits => SoftTargets.Distillation(tensor(Teacher), OneHot(), logits, 0, 1), (s, q) => Entropy(Of(Teacher, s), q) / 4, (s, q, i) =>
            (q[i] - Teacher[s, i]) / 4);

    // λ H(y, q) + (1 - λ) H(p, q): gradient q - λ y - (1 - λ) p.
    [TestMethod]
    public void With_labels_both_parts_are_weighted() => AssertLoss(
        logits => SoftTargets.Distillation(tensor(Teacher), OneHot(), logits, 0.3, 1),
        (s, q) => ((0.3 * -Math.Log(q[Labels[s]])) + (0.7 * Entropy(Of(Teacher, s), q))) / 4,
        (s, q, i) => (q[i] - (0.3 * (Labels[s] == i ? 1 : 0)) - (0.7 * Teacher[s, i])) / 4);

    [TestMethod]
    public void A_row_without_a_label_learns_from_the_teacher_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = OneHot();
        labels[1].zero_();
        AssertLoss(
            logits => SoftTargets.Distillation(tensor(Teacher), labels, logits, 0.3, 1),
            (s, q) => ((s == 1 ? 0 : 0.3 * -Math.Log(q[Labels[s]])) + ((s == 1 ? 1 : 0.7) * Entropy(Of(Teacher, s), q))) / 4,
            (s, q, i) => (q[i] - (s == 1 ? Teacher[s, i] : (0.3 * (Labels[s] == i ? 1 : 0)) + (0.7 * Teacher[s, i]))) / 4);
    }

    // Σ_s w_s H(y_s, q_s), w_s = max p_s / Σ max p: gradient w_s (q_s - y_s). The labels are the data's, also where the teacher says something else (row 1).
    [TestMethod]
    public void Cwtm_weighs_labels_by_the_confidence_of_the_teacher()
    {
        double[] weights = [0.7 / 2.34, 0.5 / 2.34, 0.8 / 2.34, 0.34 / 2.34];
        AssertLoss(
            logits => SoftTargets.ConfidenceWeighted(tensor(Teacher), OneHot(), logits),
            (s, q) => weights[s] * -Math.Log(q[Labels[s]]),
            (s, q, i) => weights[s] * (q[i] - (Labels[s] == i ? 1 : 0)));
    }

    // Greatest probabilities of 0.9 and 0.6: weights of 0.6 and 0.4. With logits of 0 and 0 both rows lose ln 2 and the gradients are ±0.3 and ±0.2.
    [TestMethod]
    public void Confidences_of_9_and_6_tenths_weigh_6_and_4_tenths()
    {
        (double loss, double[] gradient) = Evaluate(
            logits => SoftTargets.ConfidenceWeighted(tensor(new float[,] { { 0.9f, 0.1f }, { 0.4f, 0.6f } }), tensor(new float[,] { { 1, 0 }, { 1, 0 } }),
                logits), new float[,] { { 0, 0 }, { 0, 0 } });
        Assert.AreEqual(Math.Log(2), loss, 1e-6);
        AssertNear([-0.3, 0.3, -0.2, 0.2], gradient);
    }

    [TestMethod]
    public void With_equal_confidences_cwtm_is_the_mean_loss_of_the_labels()
    {
        float[,] equal = { { 0.5f, 0.3f, 0.2f }, { 0.2f, 0.5f, 0.3f }, { 0.1f, 0.4f, 0.5f }, { 0.5f, 0.5f, 0 } };
        (double weighted, _) = Evaluate(logits => SoftTargets.ConfidenceWeighted(tensor(equal), OneHot(), logits), Logits);
        (double mean, _) = Evaluate(logits => SoftTargets.CrossEntropy(OneHot(), logits).mean(), Logits);
        Assert.AreEqual(mean, weighted, 1e-6);
    }

    // At T = 2, p = (0.8, 0.2) becomes (√0.8, √0.2) / (√0.8 + √0.2) = (2/3, 1/3). The factor T² leaves a gradient of T (q_T - p_T).
    [TestMethod]
    public void A_temperature_of_2_takes_square_roots()
    {
        float[] p = [0.8f, 0.2f];
        SoftTargets.Soften(p, 2);
        AssertNear([2 / 3.0, 1 / 3.0], [.. p.Select(value => (double)value)]);
        (double loss, double[] gradient) =
            Evaluate(logits => SoftTargets.Distillation(tensor(p, [1, 2]), zeros(1, 2), logits, 0, 2), new float[,] { { 0, 0 } });
        Assert.AreEqual(4 * Math.Log(2), loss, 1e-6);
        AssertNear([-1 / 3.0, 1 / 3.0], gradient);
    }

    [TestMethod]
    [DataRow(0.01)]
    [DataRow(100.0)]
    public void Softening_survives_zeros_and_extreme_temperatures(double temperature)
    {
        float[] p = [0, 0.5f, 0.3f, 0.2f];
        SoftTargets.Soften(p, temperature);
        Assert.AreEqual(0, p[0]);
        Assert.AreEqual(1, p.Sum(), 1e-6);
        Assert.AreEqual(temperature < 1 ? 1 : 0.335, p[1], 1e-3);
    }

    [TestMethod]
    public void Dkpp_keeps_the_greatest_probability_and_the_others_somewhere()
    {
        float[] p = [0.1f, 0.05f, 0.6f, 0.2f, 0.05f];
        var places = new HashSet<int>();
        var random = new Random(1);
        for (int i = 0; i < 60; i++)
        {
            float[] permuted = [.. p];
            SoftTargets.Permute(permuted, random);
            Assert.AreEqual(0.6f, permuted[2]);
            CollectionAssert.AreEqual(p.Order().ToArray(), permuted.Order().ToArray());
            places.Add(Array.IndexOf(permuted, 0.2f));
        }

        CollectionAssert.AreEquivalent(new[] { 0, 1, 3, 4 }, places.ToArray());
    }

    [TestMethod]
    public void Dkpp_changes_nothing_with_two_classes_or_equal_others()
    {
        foreach (float[] p in new float[][] { [0.3f, 0.7f], [0.7f, 0.3f], [0.1f, 0.8f, 0.1f], [0.9f, 0.05f, 0.05f] })
        {
            float[] permuted = [.. p];
            SoftTargets.Permute(permuted, new Random(3));
            CollectionAssert.AreEqual(p, permuted);
        }
    }

    // Only where the others are placed differs, so BAN's gradient holds with p' for p.
    [TestMethod]
    public void Dkpp_has_the_gradient_of_ban_with_the_permuted_probabilities()
    {
        float[,] permuted = (float[,])Teacher.Clone();
        (permuted[0, 1], permuted[0, 2]) = (permuted[0, 2], permuted[0, 1]);
        AssertLoss(logits => SoftTargets.Distillation(tensor(permuted), OneHot(), logits, 0, 1), (s, q) => Entropy(Of(permuted, s), q) / 4, (s, q, i) =>
            (q[i] - permuted[s, i]) / 4);
    }

    [TestMethod]
    public void A_certain_teacher_gives_the_loss_of_the_labels_to_the_last_bit()
    {
        (double ban, double[] banGradient) = Evaluate(logits => SoftTargets.Distillation(OneHot(), OneHot(), logits, 0, 1), Logits);
        using DisposeScope scope = NewDisposeScope();
        (double label, double[] labelGradient) =
            Evaluate(logits => nn.functional.cross_entropy(logits, tensor(Labels.Select(value => (long)value).ToArray())), Logits);
        Assert.AreEqual(label, ban);
        CollectionAssert.AreEqual(labelGradient, banGradient);
    }

    private static void AssertLoss(Func<Tensor, Tensor> loss, Func<int, double[], double> ofRow, Func<int, double[], int, double> gradientOf)
    {
        (double value, double[] gradient) = Evaluate(loss, Logits);
        double expected = 0;
        var expectedGradient = new List<double>();
        for (int s = 0; s < Labels.Length; s++)
        {
            double[] powers = [.. Enumerable.Range(0, 3).Select(i => Math.Exp(Logits[s, i]))], q = [.. powers.Select(power => power / powers.Sum())];
            expected += ofRow(s, q);
            expectedGradient.AddRange(Enumerable.Range(0, 3).Select(i => gradientOf(s, q, i)));
        }

        Assert.AreEqual(expected, value, 1e-6);
        AssertNear([.. expectedGradient], gradient);
    }

    private static (double Loss, double[] Gradient) Evaluate(Func<Tensor, Tensor> loss, float[,] logits)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = tensor(logits).clone().requires_grad_();
        Tensor value = loss(input);
        value.backward();
        return (value.item<float>(), [.. input.grad!.data<float>().Select(number => (double)number)]);
    }

    private static Tensor OneHot() => nn.functional.one_hot(tensor(Labels.Select(label => (long)label).ToArray()), 3).to(ScalarType.Float32);

    private static double[] Of(float[,] rows, int s) => [.. Enumerable.Range(0, 3).Select(i => (double)rows[s, i])];

    private static double Entropy(double[] p, double[] q) => -p.Zip(q, (a, b) => a * Math.Log(b)).Sum();

    private static void AssertNear(double[] expected, double[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6);
    }
}
