using Microsoft.ML;
using MLNet.Papers.Bert;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.WordPieces;
using TorchSharp;

namespace MLNet.Papers.Benchmarks.Bert;

/// <summary>An encoder of MiniLM's shape with random weights, whose vocabulary is made-up words.</summary>
internal static class BenchmarkEncoder
{
    private const int Marks = 5;

    /// <summary>The shape.</summary>
    public static BertArchitecture Architecture { get; } = new()
    {
        Pieces = 30_522,
        Positions = 512,
        HiddenSize = 384,
        Layers = 6,
        Heads = 12,
        InnerSize = 1_536,
        HasPooler = true,
    };

    /// <summary>A word that is one piece.</summary>
    public static string Word(Random random) => NameOf(random.Next(Architecture.Pieces - Marks));

    /// <summary>The encoder.</summary>
    public static BertTransformer Create(MLContext ml)
    {
        var vocabulary = new WordPieceVocabulary(
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Architecture.Pieces - Marks).Select(NameOf)]);
        using DisposeScope scope = torch.NewDisposeScope();
        using WeightModule module = InitialWeights.Of(1, () => new WeightModule(Architecture.AllWeights()));
        var model = new BertModel(
            vocabulary, new WordPieceRules(), Architecture, NetworkWeights.Of(Architecture, module), Architecture.Positions, Pooling.First);
        return new(Host.EnvironmentOf(ml.Transforms), new(BertOutputs.Of("Features", "Text", new(), model), model));
    }

    /// <summary>The numbers of a text's pieces.</summary>
    public static int[] Pieces(BertTransformer bert, string text)
    {
        var texts = new BertTexts(bert.Model);
        texts.Add(text);
        return texts.Batch.Pieces(0).ToArray();
    }

    // The number in letters: the tokenizer would take digits too, but these look like words.
    private static string NameOf(int number)
    {
        string name = "";
        for (int rest = number + 1; rest > 0; rest /= 26)
            name += (char)('a' + (rest % 26));
        return $"w{name}";
    }
}
