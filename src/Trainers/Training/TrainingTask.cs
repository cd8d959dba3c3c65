using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>What a technique brings to the training loop: its network and the loss of a step.</summary>
internal abstract class TrainingTask
{
    /// <summary>The network whose parameters are trained; on the device already.</summary>
    public abstract nn.Module Network { get; }

    /// <summary>Whether <see cref="Validate"/> has something to validate on.</summary>
    public abstract bool HasValidation { get; }

    /// <summary>What the loss is multiplied by before its gradient is taken; the loss that is reported is not.</summary>
    public virtual double LossScale => 1;

    /// <summary>Called in every loop of a step or a validation; throws when the fit was cancelled.</summary>
    public Action Check { get; set; } = () => { };

    /// <summary>The loss of one step, a scalar with a graph. The network is in training mode.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="random">A generator that depends on the seed and the step alone, so that a resumed training draws what an unbroken one draws.</param>
    public abstract Tensor ComputeLoss(long step, Random random);

    /// <summary>The loss on the validation data; lower is better. The network is in evaluation mode, without gradients.</summary>
    public abstract double Validate();

    /// <summary>The optimizer for the network's parameters.</summary>
    public virtual NetworkOptimizer CreateOptimizer() => TrainingOptimizer.Adam.Create(Network);
}
