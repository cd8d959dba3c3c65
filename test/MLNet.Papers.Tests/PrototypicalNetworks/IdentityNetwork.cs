using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Networks;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>Fitted transformers whose network gives back its input, so that prototypes and scores follow from the rows by hand.</summary>
internal static class IdentityNetwork
{
    /// <summary>
    /// A transformer with the columns Features and Label and these prototypes, each of one example; null stands for a class without examples.
    /// </summary>
    public static PrototypicalNetworkTransformer Create(MLContext ml, Distance distance, params (string Name, float[]? Prototype)[] classes) =>
        Create(ml, distance, TextDataViewType.Instance, classes);

    public static PrototypicalNetworkTransformer Create(
        MLContext ml, Distance distance, PrimitiveDataViewType type, params (string Name, float[]? Prototype)[] classes) =>
        Create(ml, distance, type, null, classes);

    /// <summary>The card's example: 'left' at (0, 0) and 'right' at (2, 0).</summary>
    /// <param name="ml">The context.</param>
    /// <param name="distance">The distance.</param>
    /// <param name="createScorer">Makes the network's scoring form; null for that of every transformer.</param>
    public static PrototypicalNetworkTransformer LeftAndRight(
        MLContext ml, Distance distance = Distance.SquaredEuclidean, Func<LayeredNetwork, NetworkWeights, EmbeddingScorer>? createScorer = null) =>
        Create(ml, distance, TextDataViewType.Instance, createScorer, ("left", [0, 0]), ("right", [2, 0]));

    private static PrototypicalNetworkTransformer Create(
        MLContext ml, Distance distance, PrimitiveDataViewType type, Func<LayeredNetwork, NetworkWeights, EmbeddingScorer>? createScorer,
        params (string Name, float[]? Prototype)[] classes)
    {
        int size = classes.First(entry => entry.Prototype is not null).Prototype!.Length;
        var state = new PrototypicalNetworkTransformer.State(
            Network.Perceptron(size, size),
            distance,
            Temperature: 1,
            "Features",
            "Label",
            EmbeddingColumnName: null,
            Network.Identity(size),
            new ClassLabels(type, [.. classes.Select(entry => entry.Name)]),
            [.. classes.SelectMany(entry => entry.Prototype ?? new float[size])],
            [.. classes.Select(entry => entry.Prototype is null ? 0L : 1L)]);
        return new(
            Host.EnvironmentOf(ml.Transforms), state, createScorer is null ? null : _ => createScorer(state.Architecture, state.Weights));
    }
}
