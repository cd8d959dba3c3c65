using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Elmo;

/// <summary>What a classifier over the layers of vectors is made of.</summary>
/// <param name="Layers">How many layers there are; 1 where nothing is mixed.</param>
/// <param name="Size">The length of a layer's vector.</param>
/// <param name="Classes">How many classes there are.</param>
internal sealed record LayerMixArchitecture(int Layers, int Size, int Classes) : INetworkArchitecture
{
    int INetworkArchitecture.InputSize => Layers * Size;

    int INetworkArchitecture.OutputSize => Classes;

    /// <summary>The length of a vector: all layers.</summary>
    public int VectorSize() => Layers * Size;

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights() =>
    [
        new("mix", [Layers], WeightUse.Shift), new("scale", [1], WeightUse.Gain), new("head.weight", [Classes, Size], WeightUse.Kernel, Size),
        new("head.bias", [Classes], WeightUse.Bias, Size),
    ];

    /// <summary>What a token's vector needs while it is classified.</summary>
    public long WorkingValues() => VectorSize() + Size + KernelTile.Pad(Classes) + FusedDense.PaddingValues(Size, Classes);

    /// <summary>What is wrong with these numbers, or null.</summary>
    public string? FindFault() => Layers is < 1 or > 64 || Size is < 1 or > 1 << 20 || Classes is < 1 or > 1 << 26
        ? $"{Layers} layers of {Size} values and {Classes} classes"
        : this.FindMemoryFault();
}

/// <summary>
/// Equation 1 and a linear classifier over it: gamma * sum of s_j h_j with s = softmax(w), each h_j on a scale of mean 0 and deviation 1. Immutable.
/// </summary>
internal sealed class LayerMixClassifier : IModelRecord
{
    private readonly LinearHead _linear;

    /// <exception cref="ArgumentException">The scale is not that of the layers' vectors.</exception>
    public LayerMixClassifier([Block("classifier")] LayerMixArchitecture architecture, NetworkWeights weights, StandardScale standard)
    {
        if (standard.Size != architecture.VectorSize())
            throw new ArgumentException($"The scale is that of {standard.Size} values, not of {architecture.VectorSize()}.", nameof(standard));
        (Architecture, Weights, Standard) = (architecture, weights, standard);
        float[] shares = [.. weights["mix"]];
        ClassProbabilities.Softmax(shares);
        (LayerWeights, Scale) = (shares, weights["scale"][0]);

        _linear = Fold();
    }

    public LayerMixArchitecture Architecture { get; }

    private NetworkWeights Weights { get; }

    private StandardScale Standard { get; }

    /// <summary>s, the share of each layer; they add up to 1.</summary>
    public IReadOnlyList<float> LayerWeights { get; }

    /// <summary>gamma.</summary>
    public float Scale { get; }

    /// <summary>The probability of each class for each of some vectors.</summary>
    /// <param name="vectors">The vectors, one after the other.</param>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="probabilities">Room for as many values as there are classes, for each.</param>
    public void Score(ReadOnlySpan<float> vectors, int count, Span<float> probabilities) => _linear.Probabilities(vectors, count, probabilities);

    /// <summary>Adds the classifier to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="vectors">(B, all layers).</param>
    /// <returns>The probability of each class, (B, classes).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue vectors) => graph.Softmax(_linear.ToOnnx(graph, vectors));

    // Scales, mix and classifier are all linear: one matrix, (classes, all layers), does their work.
    private LinearHead Fold()
    {
        int size = Architecture.VectorSize();
        float[] head = Weights["head.weight"], folded = new float[Architecture.Classes * size], bias = [.. Weights["head.bias"]];
        for (int row = 0; row < Architecture.Classes; row++)
        {
            double shift = 0;
            for (int i = 0; i < size; i++)
            {
                (int layer, int place) = Math.DivRem(i, Architecture.Size);
                double weight = (double)Scale * LayerWeights[layer] * head[(row * Architecture.Size) + place] / Standard.Deviations[i];
                folded[(row * size) + i] = (float)weight;
                shift += weight * Standard.Means[i];
            }

            bias[row] -= (float)shift;
        }

        var architecture = new LinearArchitecture(size, Architecture.Classes);
        return new LinearHead(architecture, NetworkWeights.Of(
            architecture, new Dictionary<string, float[]> { [LinearArchitecture.Weight] = folded, [LinearArchitecture.Bias] = bias }));
    }
}
