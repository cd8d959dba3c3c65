using MLNet.Papers.Layers;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Networks;

/// <summary>One linear layer over the vectors that another network gives.</summary>
/// <param name="Size">The length of a vector.</param>
/// <param name="Outputs">How many numbers it becomes.</param>
internal sealed record LinearArchitecture(int Size, int Outputs) : INetworkArchitecture
{
    public const string Weight = "weight";
    public const string Bias = "bias";

    int INetworkArchitecture.InputSize => Size;

    int INetworkArchitecture.OutputSize => Outputs;

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights() => [new(Weight, [Outputs, Size], WeightUse.Kernel, Size), new(Bias, [Outputs], WeightUse.Bias, Size)];

    /// <inheritdoc/>
    public long WorkingValues() => Size + KernelTile.Pad(Outputs) + FusedDense.PaddingValues(Size, Outputs);

    /// <inheritdoc/>
    public string? FindFault() =>
        Size is < 1 or > 1 << 20 || Outputs is < 1 or > 1 << 26 ? $"{Outputs} outputs of {Size} values" : this.FindMemoryFault();
}

/// <summary>The layer in the form that scores. Immutable; safe to share between threads.</summary>
internal sealed class LinearHead : IModelRecord
{
    private readonly FusedDense _linear;

    public LinearHead([Block("head")] LinearArchitecture architecture, [Block("head")] NetworkWeights weights)
    {
        (Architecture, Weights) = (architecture, weights);
        _linear = new FusedDense(weights[LinearArchitecture.Weight], weights[LinearArchitecture.Bias], rectify: false);
    }

    public LinearArchitecture Architecture { get; }

    private NetworkWeights Weights { get; }

    /// <summary>What the layer gives for each of some vectors.</summary>
    /// <param name="vectors">The vectors, one after the other.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="outputs">Room for as many values as there are outputs, for each.</param>
    public void Run(ReadOnlySpan<float> vectors, int count, Span<float> outputs)
    {
        using var padded = new Scratch(checked(count * _linear.OutputStride));
        _linear.Run(vectors, Architecture.Size, count, padded.Span);
        for (int row = 0; row < count; row++)
            padded.Span.Slice(row * _linear.OutputStride, Architecture.Outputs).CopyTo(outputs[(row * Architecture.Outputs)..]);
    }

    /// <summary>The probability of each class for each of some vectors: the softmax of what the layer gives.</summary>
    /// <inheritdoc cref="Run"/>
    public void Probabilities(ReadOnlySpan<float> vectors, int count, Span<float> outputs)
    {
        Run(vectors, count, outputs);
        for (int row = 0; row < count; row++)
            ClassProbabilities.Softmax(outputs.Slice(row * Architecture.Outputs, Architecture.Outputs));
    }

    /// <summary>Adds the layer to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="vectors">(…, size).</param>
    /// <returns>(…, outputs).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue vectors)
    {
        OnnxValue weight = graph.Weight("head.weight", [Architecture.Outputs, Architecture.Size], () => Weights[LinearArchitecture.Weight]);
        OnnxValue bias = graph.Weight("head.bias", [Architecture.Outputs], () => Weights[LinearArchitecture.Bias]);
        return graph.Add(graph.MatrixProduct(vectors, graph.Transpose(weight, 1, 0)), bias);
    }
}
