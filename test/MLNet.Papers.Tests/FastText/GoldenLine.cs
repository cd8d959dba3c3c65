using System.Globalization;
using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.FastText;

/// <summary>A line of Golden/reference.txt: what the reference program printed for a model.</summary>
internal sealed record GoldenLine(string Command, string Model, string Query, string Output)
{
    public static IReadOnlyList<GoldenLine> All { get; } =
    [
        .. File.ReadLines(Repository.Path("test", "MLNet.Papers.Tests", "FastText", "Golden", "reference.txt"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(parts => new GoldenLine(parts[0], parts[1], parts[2].Replace("\\t", "\t", StringComparison.Ordinal), parts[3])),
    ];

    public string[] Fields => Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The model that the line is about, after a round trip through a file.</summary>
    public FastTextModel Load() => RandomModels.Load(RandomModels.Bytes(Model switch
    {
        "vectors.bin" => RandomModels.Vectors(),
        "plain.bin" => RandomModels.Vectors(maximum: 0),
        "softmax.bin" => RandomModels.Classifier(FastTextLoss.Softmax),
        "hierarchical.bin" => RandomModels.Classifier(FastTextLoss.HierarchicalSoftmax),
        "oneVersusAll.bin" => RandomModels.Classifier(FastTextLoss.OneVersusAll),
        "quantized.ftz" => RandomModels.Quantized(),
        _ => throw new AssertFailedException($"There is no model '{Model}'."),
    }));

    public static IEnumerable<GoldenLine> Of(string command) => All.Where(line => line.Command.Split(' ')[0] == command);

    public static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
}
