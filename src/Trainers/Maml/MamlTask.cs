using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Maml;

/// <summary>A task to adapt to.</summary>
/// <param name="Rows">Support and queries, (S + Q, D).</param>
/// <param name="Support">What the network shall give for the support: the first S rows.</param>
/// <param name="Queries">What it shall give for the queries.</param>
internal sealed record MetaTask(Tensor Rows, Tensor Support, Tensor Queries);

/// <summary>
/// Algorithm 2 of Finn, Abbeel and Levine (2017): the loss of a step is the mean loss of the queries of some tasks, after gradient steps on the support of
/// each.
/// </summary>
/// <param name="network">Holds θ; on its device.</param>
/// <param name="function">The network as a function of its weights.</param>
/// <param name="loss">The loss of outputs and targets, a mean over rows.</param>
/// <param name="draw">Draws a training task.</param>
/// <param name="validation">Tasks to validate on.</param>
/// <param name="options">The inner steps.</param>
internal sealed class MamlTask(
    nn.Module network,
    LayeredFunction function,
    Func<Tensor, Tensor, Tensor> loss,
    Func<Random, MetaTask> draw,
    IReadOnlyList<Func<MetaTask>> validation,
    MetaLearningOptions options) : TrainingTask
{
    public override nn.Module Network => network;

    public override bool HasValidation => validation.Count > 0;

    public override IReadOnlyList<Player> Players { get; } = [new(network, new AdamSettings())];

    public override void Step(TrainingStep step)
    {
        Tensor[] initial = function.WeightsOf(network);
        Tensor rate = tensor((float)options.InnerLearningRate).to(initial[0].device);
        Tensor share = tensor(1f / options.TasksPerStep).to(initial[0].device);
        for (int task = 0; task < options.TasksPerStep; task++)
        {
            // What a task's gradient needs is freed before the next task: that of all at once does not fit into any cache.
            Check();
            using DisposeScope scope = NewDisposeScope();
            step.Add(Players[0], QueryLoss(draw(step.Random), initial, rate) * share);
        }

        step.Move(Players[0]);
    }

    public override double Validate()
    {
        using IDisposable gradient = enable_grad();
        double sum = 0;
        foreach (Func<MetaTask> task in validation)
        {
            using DisposeScope scope = NewDisposeScope();
            MetaTask drawn = task();
            Tensor support = drawn.Rows.narrow(0, 0, drawn.Support.shape[0]);
            Tensor[] weights = InnerLoop.Descend(
                function.WeightsOf(network), current => loss(function.Forward(support, current, support.shape[0]), drawn.Support), options.InnerLearningRate,
                options.AdaptationSteps, Check);
            sum += Queries(drawn, weights).item<float>();
        }

        return sum / validation.Count;
    }

    private Tensor QueryLoss(MetaTask task, Tensor[] initial, Tensor rate)
    {
        Tensor support = task.Rows.narrow(0, 0, task.Support.shape[0]);
        return Queries(task, InnerLoop.Adapt(
            initial, weights => loss(function.Forward(support, weights, support.shape[0]), task.Support), rate, options.InnerSteps, options.FirstOrder, Check));
    }

    private Tensor Queries(MetaTask task, Tensor[] weights)
    {
        long support = task.Support.shape[0];
        return loss(function.Forward(task.Rows, weights, support).narrow(0, support, task.Queries.shape[0]), task.Queries);
    }
}
