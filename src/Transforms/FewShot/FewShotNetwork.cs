using Microsoft.ML.Runtime;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.FewShot;

/// <summary>A trained network without classes: gives features, and becomes a classifier once there are examples of classes.</summary>
internal abstract record FewShotNetwork
{
    /// <summary>The part that gives features.</summary>
    public abstract INetworkArchitecture Features { get; }

    /// <summary>Its scoring form.</summary>
    public abstract EmbeddingScorer CreateScorer(TorchDevice device);

    /// <summary>Adds that part to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">The input, (B, D).</param>
    /// <returns>The features, (B, M).</returns>
    public abstract OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows);

    /// <summary>The classifier of labelled rows.</summary>
    /// <param name="environment">Where it lives.</param>
    /// <param name="rows">The rows, of at least two classes.</param>
    /// <param name="featureColumn">The column that it classifies.</param>
    /// <param name="labelColumn">The column that named the classes.</param>
    public abstract FewShotTransformer WithSupport(IHostEnvironment environment, LabelledRows rows, string featureColumn, string labelColumn);

    /// <summary>Writes the network as blocks of a model.</summary>
    public abstract void Write(ModelWriter writer);
}

/// <summary>The network of Snell, Swersky and Zemel (2017): an embedding in which class means are prototypes.</summary>
/// <param name="Architecture">The embedding.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Distance">The distance from a prototype.</param>
/// <param name="Temperature">What distances are divided by before the softmax.</param>
internal sealed record PrototypeNetwork(EmbeddingArchitecture Architecture, NetworkWeights Weights, Distance Distance, double Temperature) : FewShotNetwork
{
    private const string Block = "prototypeNetwork";

    public override INetworkArchitecture Features => Architecture;

    public override EmbeddingScorer CreateScorer(TorchDevice device) => EmbeddingScorer.Create(Architecture, Weights, device);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows) => Architecture.ToOnnx(graph, rows, Weights);

    public override PrototypicalNetworkTransformer WithSupport(IHostEnvironment environment, LabelledRows rows, string featureColumn, string labelColumn)
    {
        using EmbeddingScorer scorer = CreateScorer(TorchDevice.Of(environment));
        (float[]?[] prototypes, long[] counts) = PrototypicalNetworkTransformer.ClassMeans(rows, scorer, Architecture);
        return new PrototypicalNetworkTransformer(environment, new PrototypicalNetworkTransformer.State
        {
            Architecture = Architecture,
            Weights = Weights,
            Distance = Distance,
            Temperature = Temperature,
            FeatureColumnName = featureColumn,
            LabelColumnName = labelColumn,
            EmbeddingColumnName = null,
            Labels = rows.Labels,
            Prototypes = prototypes,
            Counts = counts,
        });
    }

    public override void Write(ModelWriter writer)
    {
        writer.WriteJson(Block, new Saved(Architecture, Distance, Temperature));
        Weights.Write(writer, Architecture);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The blocks are missing or describe no network.</exception>
    public static PrototypeNetwork Read(ModelReader reader)
    {
        Saved saved = reader.ReadJson<Saved>(Block);
        if (saved.Architecture.FindFault() is { } fault)
            throw new FormatException($"Block '{Block}' describes no network: {fault}.");
        if (!Enum.IsDefined(saved.Distance))
            throw new FormatException($"Block '{Block}' names the distance {saved.Distance}.");
        if (saved.Temperature is not (> 0 and < double.PositiveInfinity))
            throw new FormatException($"Block '{Block}' has the temperature {saved.Temperature}.");
        return new PrototypeNetwork(saved.Architecture, NetworkWeights.Read(reader, saved.Architecture), saved.Distance, saved.Temperature);
    }

    private sealed record Saved(EmbeddingArchitecture Architecture, Distance Distance, double Temperature);
}
