using Microsoft.ML;
using MLNet.Papers.Bert;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.WordPieces;
using TorchSharp;

namespace MLNet.Papers.Tests.Bert;

/// <summary>An encoder of random weights that knows some words and all letters, as a start for fine-tuning.</summary>
internal static class TinyBert
{
    /// <summary>The words that are one piece each.</summary>
    public static readonly string[] Words =
        ["the", "river", "runs", "down", "valley", "a", "baker", "bakes", "fresh", "bread", "today", "my", "engine", "needs", "more", "oil", "again", "not"];

    /// <summary>The encoder.</summary>
    public static BertModel Model(
        int size = 16, int layers = 2, bool hasPooler = true, int maxLength = 48, Pooling pooling = Pooling.Mean, int seed = 5, double spread = 0.02)
    {
        var vocabulary = new WordPieceVocabulary(
        [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "abcdefghijklmnopqrstuvwxyz.,!?'-".Select(letter => letter.ToString()).Except(Words),
            .. "abcdefghijklmnopqrstuvwxyz".Select(letter => $"##{letter}"), .. Words,
        ]);
        var architecture = new BertArchitecture
        {
            Pieces = vocabulary.Count,
            Positions = maxLength,
            HiddenSize = size,
            Layers = layers,
            Heads = 2,
            InnerSize = 2 * size,
            HasPooler = hasPooler,
        };
        using DisposeScope scope = torch.NewDisposeScope();
        using WeightModule module = InitialWeights.Of(seed, () => new WeightModule(architecture.AllWeights().Select(weight =>
            weight.Shape.Length > 1 ? weight with { First = shape => torch.randn(shape) * spread } : weight)));
        return new BertModel(vocabulary, new WordPieceRules(), architecture, NetworkWeights.Of(architecture, module), maxLength, pooling);
    }

    /// <summary>A transformer of it.</summary>
    public static BertTransformer Transformer(MLContext ml, BertModel? model = null) =>
        new(Host.EnvironmentOf(ml.Transforms), new(BertOutputs.Of("Features", "Text", new(), model ?? Model()), model ?? Model()));
}
