using Microsoft.ML.Runtime;
using MLNet.Papers.FewShot;
using MLNet.Papers.Labels;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using static TorchSharp.torch;

namespace MLNet.Papers.Maml;

/// <summary>The initialization θ that MAML learned, and how a classifier is reached from it.</summary>
/// <param name="Architecture">The network, whose last layer is dense and has an output for each class of a training task.</param>
/// <param name="Weights">θ; batch normalization has the statistics of training rows.</param>
/// <param name="InnerLearningRate">α.</param>
/// <param name="AdaptationSteps">Gradient steps on a support set.</param>
[Block(MamlNetwork.Block)]
internal sealed record MamlNetwork(
    LayeredArchitecture Architecture, [Block("initial")] NetworkWeights Weights, double InnerLearningRate, int AdaptationSteps) : FewShotNetwork
{
    /// <summary>The block of JSON that a model of such a network has.</summary>
    public const string Block = "maml";

    public override LayeredArchitecture Features => Architecture with { Layers = Architecture.Layers[..^1] };

    /// <summary>N, outputs of the learned network.</summary>
    public int Outputs => ((Dense)Architecture.Layers[^1]).Units;

    public override EmbeddingScorer CreateScorer(TorchDevice device) => EmbeddingScorer.Create(Features, Weights, device);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows) => Features.ToOnnx(graph, rows, Weights);

    public override MamlTransformer WithSupport(IHostEnvironment environment, LabelledRows rows, string featureColumn, string labelColumn) =>
        MamlTransformer.Of(environment, this, featureColumn, labelColumn, rows.Labels, rows.Features, rows.Classes);

    /// <summary>The network with an output for each of some classes.</summary>
    public LayeredArchitecture For(int classes) => Architecture with { Layers = [.. Architecture.Layers[..^1], new Dense(classes)] };

    /// <summary>
    /// θ as tensors for some classes. Outputs beyond those that were learned begin as these in turn: in training the order of classes means nothing.
    /// </summary>
    public Tensor[] Initial(int classes, Device device)
    {
        LayeredArchitecture architecture = For(classes);
        return
        [
            .. architecture.Weights().Where(weight => !weight.Name.Contains(".running_", StringComparison.Ordinal)).Select(weight =>
            {
                float[] values = Weights[weight.Name];
                if (weight.Name.StartsWith($"layers.{Architecture.Layers.Length - 1}.", StringComparison.Ordinal))
                {
                    int each = values.Length / Outputs;
                    values = [.. Enumerable.Range(0, classes).SelectMany(output => values.AsSpan(output % Outputs * each, each).ToArray())];
                }

                return tensor(values, weight.Shape).clone().to(device);
            }),
        ];
    }

    /// <summary>θ' for a support set: gradient steps on its mean cross-entropy.</summary>
    /// <param name="support">(B, D).</param>
    /// <param name="classes">For each row its class, from 0 (B).</param>
    /// <param name="count">How many classes there are.</param>
    /// <param name="check">Called before each step; throws to stop.</param>
    public Tensor[] Adapt(Tensor support, Tensor classes, int count, Action? check = null)
    {
        var function = new LayeredFunction(For(count));
        return InnerLoop.Descend(
            Initial(count, support.device), weights => nn.functional.cross_entropy(function.Forward(support, weights, support.shape[0]), classes),
            InnerLearningRate, AdaptationSteps, check);
    }

    public override string? FindFault()
    {
        bool hasOthers = Architecture.Layers.Any(layer =>
            layer is Convolution { Coordinates: true } or ChannelNormalization { Normalization: not (Normalization.Batch or Normalization.None) });
        if (Architecture.Layers is not [_, .., Dense] || hasOthers)
            return $"Block '{Block}' describes a network that MAML does not make.";
        return InnerLearningRate is > 0 and < double.PositiveInfinity && AdaptationSteps >= 1
            ? null
            : $"Block '{Block}' has {AdaptationSteps} steps with learning rate {InnerLearningRate}.";
    }
}
