using Microsoft.ML;
using MLNet.Papers.Bert;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.WordPieces;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>A small network with random weights, in the form that trains and in the form that is saved.</summary>
internal sealed class SmallBert : IDisposable
{
    public SmallBert(
        int hidden = 24, int heads = 3, int layers = 2, int inner = 40, int positions = 64, BertGelu gelu = BertGelu.Erf, bool hasPooler = true,
        int maxLength = 48, double bound = 0.3, Pooling pooling = Pooling.Mean, bool normalizes = false, WordPieceVocabulary? vocabulary = null)
    {
        vocabulary ??= Vocabulary();
        var architecture = new BertArchitecture
        {
            Pieces = vocabulary.Count,
            Positions = positions,
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads,
            InnerSize = inner,
            Gelu = gelu,
            HasPooler = hasPooler,
        };
        Assert.IsNull(architecture.FindFault());
        Module = InitialWeights.Of(5, () => new WeightModule(architecture.AllWeights()));
        using (no_grad())
        {
            random.manual_seed(5).Dispose();
            foreach (TorchSharp.Modules.Parameter weight in Module.parameters())
            {
                using Tensor noise = empty_like(weight).uniform_(-bound, bound);
                weight.add_(noise);
            }
        }

        Model = new BertModel(
            vocabulary, new WordPieceRules(), architecture, NetworkWeights.Of(architecture, Module), maxLength, pooling, normalizes);
    }

    public WeightModule Module { get; }

    public BertModel Model { get; }

    /// <summary>A transformer of it.</summary>
    public BertTransformer Transformer(BertOutputOptions? options = null, string output = "Features", string input = "Text") => new(
        Host.EnvironmentOf(new MLContext(seed: 1).Transforms), new(BertOutputs.Of(output, input, options ?? new(), Model), Model));

    /// <summary>Pieces of all letters, and some words.</summary>
    public static WordPieceVocabulary Vocabulary() => new(
        [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "abcdefghijklmnopqrstuvwxyz.,!?'-".Select(letter => letter.ToString()),
            .. "abcdefghijklmnopqrstuvwxyz".Select(letter => $"##{letter}"), "the", "cat", "sat", "on", "mat", "##ing", "walk", "##ed",
        ]);

    public void Dispose() => Module.Dispose();
}
