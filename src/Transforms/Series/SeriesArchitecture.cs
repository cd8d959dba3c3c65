using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Texts;
using static TorchSharp.torch;

namespace MLNet.Papers.Series;

/// <summary>
/// A network that reads a series of any length: a vector for each step, layers one above the other, and a linear layer over what the last of them says of the
/// last step. Saved with its weights.
/// </summary>
internal sealed record SeriesArchitecture : INetworkArchitecture
{
    private const int Largest = 1 << 16;

    /// <summary>p, the values of a step.</summary>
    public required int Channels { get; init; }

    /// <summary>How many keys a step is one of; 0 where it has numbers.</summary>
    public required int Symbols { get; init; }

    /// <summary>The length of a key's vector.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>The layers, each an <see cref="ISeriesLayer"/>.</summary>
    public required Layer[] Layers { get; init; }

    /// <summary>M, the numbers that it gives.</summary>
    public required int Outputs { get; init; }

    /// <summary>Whether the linear layer's rows are the vectors of the keys, the missing one's first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TiesWeights { get; init; }

    /// <summary>The greatest magnitude that a number of a key's vector begins with.</summary>
    [JsonIgnore]
    public double EmbeddingReach { get; init; } = 0.1;

    /// <summary>What a training keeps of a row.</summary>
    [JsonIgnore]
    public long ActivationCount { get; init; }

    [JsonIgnore]
    int INetworkArchitecture.InputSize => Channels;

    [JsonIgnore]
    int INetworkArchitecture.OutputSize => Outputs;

    /// <summary>The length of the first layer's inputs.</summary>
    [JsonIgnore]
    public int InputSize => Symbols > 0 ? EmbeddingSize : Channels;

    /// <summary>The length of what the linear layer reads.</summary>
    [JsonIgnore]
    public int FeatureSize => SeriesLayers().Last().OutputSize;

    /// <summary>Values that a step of a series needs while it is in the network, all layers together.</summary>
    public long ValuesOfAStep() => SeriesLayers().Select((layer, i) => layer.ValuesOfAStep(InputOf(i)) + InputOf(i) + layer.OutputSize).Sum();

    /// <summary>Values that are kept of a series from step to step, where it is read so.</summary>
    /// <param name="steps">The most steps of the series.</param>
    public long ValuesOfAState(long steps = long.MaxValue) => SeriesLayers().Select((layer, i) => layer.ValuesOfAState(InputOf(i), steps)).Sum();

    /// <summary>Multiply-adds of a step.</summary>
    public long WorkOfAStep() => SeriesLayers().Select((layer, i) => layer.WorkOfAStep(InputOf(i))).Sum();

    // Of one step: how many there are, no network knows.
    long INetworkArchitecture.WorkingValues() => ValuesOfAStep() + KernelTile.Pad(Outputs) + FusedDense.PaddingValues(FeatureSize, Outputs);

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights()
    {
        if (Symbols > 0)
            yield return new("embedding", [Symbols + 1L, EmbeddingSize], WeightUse.Kernel, EmbeddingSize) { First = InitialValues.Uniform(EmbeddingReach) };
        foreach ((ISeriesLayer layer, int i) in SeriesLayers().Select((layer, i) => (layer, i)))
        {
            foreach (LayerWeight weight in layer.Weights(InputOf(i)))
                yield return weight with { Name = $"layers.{i}.{weight.Name}" };
        }

        if (!TiesWeights)
            yield return new("head.weight", [Outputs, FeatureSize], WeightUse.Kernel, FeatureSize) { First = InitialValues.Glorot(FeatureSize, Outputs) };
        yield return new("head.bias", [Outputs], WeightUse.Bias, FeatureSize) { First = InitialValues.Constant(0) };
    }

    /// <summary>What is wrong with these numbers, or null.</summary>
    public string? FindFault()
    {
        if (Channels is < 1 or > Largest || Symbols is < 0 or > 1 << 24 || EmbeddingSize is < 0 or > Largest || (Symbols > 0 && EmbeddingSize == 0)
            || (Symbols > 0 && Channels != 1))
        {
            return $"a step has {Channels} values or is one of {Symbols} keys with vectors of {EmbeddingSize} values";
        }

        if (Layers is not { Length: >= 1 and <= 64 } || Outputs is < 1 or > 1 << 26)
            return $"there are {Layers?.Length} layers and {Outputs} outputs";
        for (int i = 0; i < Layers.Length; i++)
        {
            if (Layers[i] is not ISeriesLayer layer || !layer.FitsSeries(InputOf(i)))
                return $"layer {i}, a {Layers[i]?.GetType().Name}, reads no series of {(i == 0 ? InputSize : InputOf(i))} values a step";
        }

        if (TiesWeights && (Symbols == 0 || Outputs != Symbols + 1L || FeatureSize != EmbeddingSize))
            return $"{Outputs} outputs of {FeatureSize} values cannot be the {Symbols} keys' vectors of {EmbeddingSize} values";

        Int128 numbers = this.Weights().Aggregate((Int128)0, (sum, weight) => sum + weight.Shape.Aggregate((Int128)1, (product, length) => product * length));
        return numbers > 1L << 31 ? "there are too many weights" : this.FindMemoryFault();
    }

    /// <summary>The layers as what they are.</summary>
    public IEnumerable<ISeriesLayer> SeriesLayers() => Layers.Cast<ISeriesLayer>();

    /// <summary>The length of a layer's inputs.</summary>
    public int InputOf(int layer) => layer == 0 ? InputSize : ((ISeriesLayer)Layers[layer - 1]).OutputSize;

    /// <summary>The name of the linear layer's matrix.</summary>
    [JsonIgnore]
    public string HeadWeight => TiesWeights ? "embedding" : "head.weight";

    /// <summary>Finds a layer's weights among those of the network.</summary>
    public static WeightOf<T> Own<T>(WeightOf<T> weight, int layer) => name => weight($"layers.{layer}.{name}");

    /// <summary>The vectors of the steps in torch.</summary>
    /// <param name="series">(T, B, p).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(T, B, I).</returns>
    public Tensor Embed(Tensor series, WeightOf<Tensor> weight) => Symbols == 0
        ? series
        : weight("embedding").index_select(0, series.flatten().to(ScalarType.Int64)).view(series.shape[0], series.shape[1], EmbeddingSize);

    /// <summary>What is said of the last step of each series.</summary>
    /// <param name="outputs">(T, B, P).</param>
    /// <param name="last">The last steps, Int64 (B).</param>
    /// <returns>(B, P).</returns>
    public static Tensor AtLast(Tensor outputs, Tensor last) => outputs.gather(0, last.view(1, -1, 1).expand(1, -1, outputs.shape[2])).squeeze(0);

    /// <summary>What the network gives for what its layers said of the last step.</summary>
    /// <param name="features">(B, P).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, M).</returns>
    public Tensor Head(Tensor features, WeightOf<Tensor> weight) => nn.functional.linear(features, weight(HeadWeight), weight("head.bias"));

    /// <summary>Computes what the layers say of the last step of each series.</summary>
    /// <param name="series">(T, B, p).</param>
    /// <param name="last">The last steps, Int64 (B).</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, P).</returns>
    public Tensor Features(Tensor series, Tensor last, WeightOf<Tensor> weight)
    {
        Tensor outputs = Embed(series, weight);
        foreach ((ISeriesLayer layer, int i) in SeriesLayers().Select((layer, i) => (layer, i)))
            outputs = layer.RunSeries(outputs, Own(weight, i));
        return AtLast(outputs, last);
    }

    /// <summary>Adds the network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="series">Single (B, T, p), or Int64 (B, T), the numbers of keys from 1.</param>
    /// <param name="lengths">The lengths, Int64 (B).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>(B, M).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue series, OnnxValue lengths, NetworkWeights weights)
    {
        WeightOf<OnnxValue> weight = WeightsIn(graph, weights);
        OnnxValue outputs = OutputsToOnnx(graph, series, lengths, weight);
        // 0 for an empty series, whose state is zero.
        OnnxValue isThere = graph.Unsqueeze(graph.Node("Clip", [graph.Convert(lengths, OnnxType.Single), graph.Number(0), graph.Number(1)]), 1);
        OnnxValue features = graph.Multiply(TokenVectorColumns.LastInOnnx(graph, outputs, lengths), isThere);
        return graph.Linear(features, weight(HeadWeight), weight("head.bias"));
    }

    /// <summary>The weights in a graph.</summary>
    public WeightOf<OnnxValue> WeightsIn(OnnxGraph graph, NetworkWeights weights) => graph.Weights(this.Weights(), weights).Invoke;

    /// <summary>Adds what the layers say of all steps to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="series">As above.</param>
    /// <param name="lengths">As above.</param>
    /// <param name="weight">The weights.</param>
    /// <returns>(B, T, P). What stands behind the end of a series has no meaning.</returns>
    public OnnxValue OutputsToOnnx(OnnxGraph graph, OnnxValue series, OnnxValue lengths, WeightOf<OnnxValue> weight)
    {
        OnnxValue outputs = graph.Transpose(Symbols == 0 ? series : graph.Node("Gather", [weight("embedding"), series]), 1, 0, 2);  // (T, B, I)
        foreach ((ISeriesLayer layer, int i) in SeriesLayers().Select((layer, i) => (layer, i)))
            outputs = layer.SeriesToOnnx(graph, outputs, lengths, Own(weight, i));
        return graph.Transpose(outputs, 1, 0, 2);
    }
}
