using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>What a step learns from: tensors by their names, on the device of the network, each with an entry for every item of the batch.</summary>
/// <param name="count">B, how many items there are.</param>
/// <param name="tensors">The tensors.</param>
internal sealed class Batch(long count, IReadOnlyDictionary<string, Tensor> tensors)
{
    /// <summary>B.</summary>
    public long Count { get; } = count;

    /// <summary>What a network reads, where it reads one thing.</summary>
    public Tensor Inputs => this[TrainingRows.Inputs];

    /// <summary>What it shall give: the inputs themselves, if nothing else is there.</summary>
    public Tensor Targets => tensors.GetValueOrDefault(TrainingRows.Targets) ?? Inputs;

    /// <summary>A tensor by its name.</summary>
    public Tensor this[string name] => tensors.TryGetValue(name, out Tensor? found)
        ? found
        : throw new InvalidOperationException($"A batch has no '{name}', but {string.Join(", ", tensors.Keys)}.");
}
