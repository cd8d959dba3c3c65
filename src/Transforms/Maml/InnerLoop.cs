using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Maml;

/// <summary>
/// Gradient steps on a task: equation 1 of Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017,
/// arXiv:1703.03400.
/// </summary>
internal static class InnerLoop
{
    /// <summary>θ' after some steps of θ ← θ − α ∇L(θ), as a function of where θ began: gradients flow back to it.</summary>
    /// <param name="initial">θ, which wants gradients.</param>
    /// <param name="loss">L, the loss on the task's support.</param>
    /// <param name="rate">α, a number on the device.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="isFirstOrder">Whether ∇L is taken for a constant (section 5.2): no second derivatives, and ∂θ'/∂θ is the identity.</param>
    /// <param name="check">Called before each step; throws to stop.</param>
    public static Tensor[] Adapt(Tensor[] initial, Func<Tensor[], Tensor> loss, Tensor rate, int steps, bool isFirstOrder, Action? check = null)
    {
        Tensor[] weights = initial;
        for (int step = 0; step < steps; step++)
        {
            check?.Invoke();
            IList<Tensor> gradients = autograd.grad([loss(weights)], weights, retain_graph: !isFirstOrder, create_graph: !isFirstOrder);
            weights = [.. weights.Zip(gradients, (weight, gradient) => weight - (gradient * rate))];
        }

        return weights;
    }

    /// <summary>θ' alone: nothing flows back.</summary>
    /// <param name="initial">θ.</param>
    /// <param name="loss">L.</param>
    /// <param name="rate">α.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="check">Called before each step; throws to stop.</param>
    public static Tensor[] Descend(Tensor[] initial, Func<Tensor[], Tensor> loss, double rate, int steps, Action? check = null)
    {
        using IDisposable gradient = enable_grad();
        using Tensor factor = tensor((float)rate).to(initial[0].device);
        Tensor[] weights = [.. initial.Select(weight => weight.detach().requires_grad_(true))];
        for (int step = 0; step < steps; step++)
        {
            check?.Invoke();
            using DisposeScope scope = NewDisposeScope();
            IList<Tensor> gradients = autograd.grad([loss(weights)], weights);
            Tensor[] moved =
            [
                .. weights.Zip(gradients, (weight, slope) => (weight - (slope * factor)).detach().requires_grad_(true).MoveToOuterDisposeScope()),
            ];
            foreach (Tensor weight in weights)
                weight.Dispose();
            weights = moved;
        }

        return weights;
    }
}
