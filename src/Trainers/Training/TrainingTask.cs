using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>What a technique brings to the training loop: its network, who moves it, and what happens in a step.</summary>
internal abstract class TrainingTask
{
    /// <summary>All that is learned; on the device already. In training mode except while validating.</summary>
    public abstract nn.Module Network { get; }

    /// <summary>Who moves its weights, each of which belongs to a player or requires no gradient.</summary>
    public abstract IReadOnlyList<Player> Players { get; }

    /// <summary>Tensors by which a step depends on those before it, besides weights and buffers of the network; a checkpoint holds them.</summary>
    public virtual IReadOnlyDictionary<string, Tensor> Memory { get; } = new Dictionary<string, Tensor>();

    /// <summary>Whether <see cref="Validate"/> has something to validate on.</summary>
    public virtual bool HasValidation => false;

    /// <summary>Called in every loop of a step or a validation; throws when the fit was cancelled.</summary>
    public Action Check { get; set; } = () => { };

    /// <summary>
    /// What comes before the first step of a fresh training, such as a codebook that begins with rows. Without gradients; a resumed training has it behind it.
    /// </summary>
    public virtual void Begin()
    {
    }

    /// <summary>One step: players get losses and move.</summary>
    public abstract void Step(TrainingStep step);

    /// <summary>The loss on the validation data, where there are any; lower is better. The network is in evaluation mode, without gradients.</summary>
    public virtual double Validate() => throw new InvalidOperationException("There is nothing to validate on.");
}
