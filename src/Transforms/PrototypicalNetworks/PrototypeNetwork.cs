using Microsoft.ML.Runtime;
using MLNet.Papers.FewShot;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>The network of Snell, Swersky and Zemel (2017): an embedding in which class means are prototypes.</summary>
/// <param name="Architecture">The embedding.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Distance">The distance from a prototype.</param>
/// <param name="Temperature">What distances are divided by before the softmax.</param>
[Block(PrototypeNetwork.Block)]
internal sealed record PrototypeNetwork(EmbeddingArchitecture Architecture, NetworkWeights Weights, Distance Distance, double Temperature) : FewShotNetwork
{
    /// <summary>The block of JSON that a model of such a network has.</summary>
    public const string Block = "prototypeNetwork";

    public override INetworkArchitecture Features => Architecture;

    public override EmbeddingScorer CreateScorer(TorchDevice device) => EmbeddingScorer.Create(Architecture, Weights, device);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows) => Architecture.ToOnnx(graph, rows, Weights);

    public override PrototypicalNetworkTransformer WithSupport(IHostEnvironment environment, LabelledRows rows, string featureColumn, string labelColumn)
    {
        using EmbeddingScorer scorer = CreateScorer(TorchDevice.Of(environment));
        (float[] prototypes, long[] counts) = PrototypicalNetworkTransformer.ClassMeans(rows, scorer, Architecture);
        return new PrototypicalNetworkTransformer(environment, new PrototypicalNetworkTransformer.State(
            Architecture, Distance, Temperature, featureColumn, labelColumn, EmbeddingColumnName: null, Weights, rows.Labels, prototypes, counts));
    }

    public override string? FindFault() => Temperature is > 0 and < double.PositiveInfinity ? null : $"Block '{Block}' has the temperature {Temperature}.";
}
