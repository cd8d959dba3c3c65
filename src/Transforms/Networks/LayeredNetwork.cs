using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.Networks;

/// <summary>A network of layers one after the other. What is saved differs; from <see cref="Describe"/> comes all else.</summary>
internal abstract record LayeredNetwork : INetworkArchitecture
{
    int INetworkArchitecture.InputSize => Describe().Input.Size;

    ImageShape? INetworkArchitecture.Image => Describe().Input is { Height: > 1 } or { Width: > 1 } ? Describe().Input : null;

    /// <inheritdoc/>
    [JsonIgnore]
    public int OutputSize => Describe().Output.Size;

    /// <inheritdoc/>
    [JsonIgnore]
    public int PreferredBatchSize => (int)Math.Clamp((1 << 22) / Describe().Steps().Max(step => step.Output.Values), 1, 256);

    /// <inheritdoc/>
    [JsonIgnore]
    public long ActivationCount => Describe().Steps().Sum(step => step.Output.Values);

    /// <summary>The network.</summary>
    public abstract LayerChain Describe();

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights() => Describe().AllWeights();

    /// <inheritdoc/>
    public long HeldValues() => Describe().Input.Values + (2 * Describe().Output.Values) + Plan().HeldValues;

    /// <inheritdoc/>
    public long WorkingValues() => Plan().WorkingValues;

    /// <summary>Values that torch needs on a GPU while a row goes through the network: it keeps what all layers give.</summary>
    public long TorchValues() => Describe().Input.Values + Describe().Steps().Sum(step => step.Layer.WorkingValues(step.Input));

    /// <summary>The kernels that compute the network on a CPU.</summary>
    /// <param name="weights">The weights; null where nothing will be built.</param>
    public FusedPlan Plan(NetworkWeights? weights = null) => Describe().Plan(name => weights![name]);

    /// <summary>Adds the network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">The input, (B, D).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The output, (B, M).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows, NetworkWeights weights) =>
        Describe().ToOnnx(graph, rows, graph.Weights(this.Weights(), weights).Invoke);

    /// <summary>What is wrong with the saved numbers, or null: the check on a saved network before anything is allocated for it.</summary>
    public abstract string? FindFault();

    /// <summary>
    /// What is wrong with a network in which a normalization takes all that there is of an image, to stand after the option's name; null if nothing is. No
    /// fault of a saved network, which scores as it always did.
    /// </summary>
    /// <param name="wayOut">What can be changed instead of the normalization.</param>
    public string? FindLoss(string wayOut)
    {
        LayerStep[] steps = [.. Describe().Steps()];
        IEnumerable<string?> losses = steps.Select((step, i) => step.Layer.FindLoss(step.Input, steps.Skip(i + 1).Select(next => next.Layer)));
        return losses.FirstOrDefault(loss => loss is not null) is { } found ? $"{found}. Take {wayOut} or Normalization.Batch." : null;
    }
}
