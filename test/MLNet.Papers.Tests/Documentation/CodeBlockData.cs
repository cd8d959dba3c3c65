#pragma warning disable IDE1006, CA1051 // the names are those that the pages use
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Bert;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoVe;

namespace MLNet.Papers.Tests.Documentation;

/// <summary>What the blocks of code on the pages speak of. Scripts see its members, so it is public.</summary>
public sealed class CodeBlockData : IDisposable
{
    private const int Side = 28;

    private readonly Lazy<PrototypicalNetworkTransformer> _korean;
    private readonly Lazy<ElmoTransformer> _elmo;
    private readonly Lazy<BertTransformer> _bert;

    /// <summary>Writes the files that are read into the current directory.</summary>
    public CodeBlockData()
    {
        _korean = new(Korean);
        _elmo = new(
            () => ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", new() { Epochs = 1, MinWordCount = 1, ProjectionSize = 8, CellSize = 8 })
                .Fit(reviews));
        _bert = new(() => TinyBert.Transformer(ml, TinyBert.Model(maxLength: 64)));
        words = ml.Transforms.Text.ApplyFastText("Vector", "Text", TranslatedSentences.Vectors()).Fit(reviews);
        using FastTextTransformer model =
            ml.Transforms.Text.FeaturizeTextWithFastText("Features", "Text", new() { MinCount = 1, Dimension = 4, Buckets = 100, Epochs = 1 }).Fit(reviews);
        model.Model.Save("wiki.en.bin");
        DocumentedFiles.WritePictures();
        DocumentedFiles.WriteEncoder();
    }

    public MLContext ml { get; } = new(seed: 1);

    /// <summary>25 characters, 20 drawings of each.</summary>
    public IDataView manyKnownCharacters { get; } = Characters(25, 20, "known");

    public IDataView oneOfEach { get; } = Characters(5, 1, "new");

    public IDataView fiveOfEach { get; } = Characters(5, 5, "new");

    public IDataView rows => oneOfEach;

    /// <summary>A classifier that has learned new classes.</summary>
    public PrototypicalNetworkTransformer korean => _korean.Value;

    /// <summary>A small language model.</summary>
    public ElmoTransformer elmo => _elmo.Value;

    /// <summary>A small encoder.</summary>
    public BertTransformer bert => _bert.Value;

    public IDataView digits { get; } = new MemoryView(Digits());

    public IDataView pictures { get; } = Pictures();

    public IDataView reviews { get; } = new MemoryView(
    [
        MemoryColumn.Texts(
            "Text", Enumerable.Range(0, 60).Select(row => row % 2 == 0 ? "a good bright colour and a good size" : "a bad dull colour and a bad shape")),
        MemoryColumn.Values("Label", BooleanDataViewType.Instance, [.. Enumerable.Range(0, 60).Select(row => row % 2 == 0)]),
    ]);

    /// <summary>Sentences with the article that each is of.</summary>
    public IDataView articles { get; } = new MemoryView([BertSentences.Texts(100), BertSentences.Documents(100, "Title")]);

    /// <summary>Paths of picture files, and what is to be seen.</summary>
    public IDataView files { get; } = Files("characters", 0, classes: 5, each: 6);

    public IDataView newFiles { get; } = Files("new-characters", 5, classes: 3, each: 1);

    public IDataView pairs { get; } = new MemoryView(
    [
        MemoryColumn.Texts("English", Enumerable.Range(0, 40).Select(row => string.Join(' ', TranslatedSentences.Source(row)))),
        MemoryColumn.Texts("German", Enumerable.Range(0, 40).Select(row => string.Join(' ', TranslatedSentences.Target(row)))),
    ]);

    public FastTextTransformer words { get; }

    public void Dispose()
    {
        words.Dispose();
        if (_korean.IsValueCreated)
            korean.Dispose();
        if (_elmo.IsValueCreated)
            elmo.Dispose();
        if (_bert.IsValueCreated)
            bert.Dispose();
    }

    private PrototypicalNetworkTransformer Korean()
    {
        using PrototypicalNetworkTransformer network =
            ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Pixels", new() { Ways = 5, Episodes = 1 }).Fit(manyKnownCharacters);
        return network.WithSupport(oneOfEach);
    }

    private static MemoryView Characters(int classes, int drawings, string name)
    {
        var random = new Random(classes);
        int[] all = [.. Enumerable.Range(0, classes * drawings)];
        return new(
        [
            MemoryColumn.Texts("Label", all.Select(row => $"{name} {row % classes}")),
            MemoryColumn.Vectors("Pixels", [.. all.Select(row => Stripes(row % classes, random))]),
        ]);
    }

    private static MemoryView Files(string folder, int first, int classes, int each)
    {
        int[] all = [.. Enumerable.Range(0, classes * each)];
        return new(
        [
            MemoryColumn.Texts("Path", all.Select(row => $"{folder}/stripes {first + (row % classes)}/{row / classes}.png")),
            MemoryColumn.Texts("Label", all.Select(row => $"stripes {first + (row % classes)}")),
        ]);
    }

    private static MemoryView Pictures()
    {
        var random = new Random(1);
        int[] all = [.. Enumerable.Range(0, 40)];
        return new(
        [
            MemoryColumn.Vectors("Image", [.. all.Select(row => Stripes(row % 4, random))]),
            MemoryColumn.Values("Angle", NumberDataViewType.Single, [.. all.Select(row => (float)(row % 4))]),
            MemoryColumn.Vectors("Place", [.. all.Select(row => new float[] { row % 4, row % 7 })]),
            MemoryColumn.Keys("Label", [.. all.Select(row => 1 + (uint)(row % 4))], "a", "b", "c", "d"),
        ]);
    }

    private static IReadOnlyList<MemoryColumn> Digits()
    {
        var random = new Random(2);
        int[] all = [.. Enumerable.Range(0, 200)];
        return
        [
            MemoryColumn.Vectors(
                "Features", [.. all.Select(row => Enumerable.Range(0, 10).Select(i => (i == row % 10 ? 1 : 0) + random.NextSingle()).ToArray())]),
            MemoryColumn.Keys("Label", [.. all.Select(row => 1 + (uint)(row % 10))], [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")]),
        ];
    }

    private static float[] Stripes(int kind, Random random) =>
        [.. Enumerable.Range(0, Side * Side).Select(pixel => (pixel / (2 + kind) % 2) + (0.1f * random.NextSingle()))];
}
