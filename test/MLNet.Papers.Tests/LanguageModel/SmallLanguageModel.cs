using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.LanguageModel;
using MLNet.Papers.Networks;
using MLNet.Papers.Series;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.LanguageModel;

/// <summary>Language models of keys whose weights a test gives.</summary>
internal static class SmallLanguageModel
{
    /// <summary>A network that options describe.</summary>
    public static SeriesArchitecture Architecture(LanguageModelOptions options, int keys)
    {
        using IChannel channel = Host.EnvironmentOf(new MLContext().Transforms).Start("test");
        return options.Learner(keys + 1, 4, channel).Architecture;
    }

    /// <summary>A model with given weights.</summary>
    /// <param name="architecture">The network.</param>
    /// <param name="weight">The values of a weight, given its name and their number.</param>
    /// <param name="length">The length of all rows; 0 for any.</param>
    public static LanguageModelTransformer Of(SeriesArchitecture architecture, Func<string, int, float[]> weight, int length = 0)
    {
        Dictionary<string, float[]> values = architecture.Weights().ToDictionary(
            known => known.Name, known => weight(known.Name, (int)known.Shape.Aggregate((product, size) => product * size)));
        var symbols = new SequenceSymbols(SequenceForm.Keys, TokenLevel.Word, length, architecture.Symbols, 4, HasUnknown: false, null, null);
        return new(
            Host.EnvironmentOf(new MLContext().Transforms),
            new("Keys", null, 6, FailOnUnknown: false, 100, symbols, architecture, NetworkWeights.Of(architecture, values)));
    }

    /// <summary>A model with weights that are drawn.</summary>
    public static LanguageModelTransformer Drawn(LanguageModelOptions options, int keys, int length = 0, float reach = 1.5f)
    {
        var random = new Random(5);
        return Of(
            Architecture(options, keys), (_, count) => [.. Enumerable.Range(0, count).Select(_ => reach * ((2 * random.NextSingle()) - 1))], length);
    }

    /// <summary>Options of a small network of each kind.</summary>
    public static LanguageModelOptions Options(LanguageModelKind kind, bool ties = true) => new()
    {
        Kind = kind,
        HiddenSize = 4,
        Layers = 2,
        EmbeddingSize = ties && kind != LanguageModelKind.TrellisNet ? null : 3,
        TieWeights = ties,
        Levels = 4,
        Dilations = [1, 2],
        KernelSize = 3,
    };

    /// <summary>Rows of keys, from 1.</summary>
    public static MemoryView Rows(int keys, params int[][] rows) => new(
    [
        MemoryColumn.Vectors(
            "Keys", new KeyDataViewType(typeof(uint), keys),
            Array.ConvertAll(rows, row => new VBuffer<uint>(row.Length, Array.ConvertAll(row, key => (uint)key)))),
    ]);

    /// <summary>What a model says of each token of each row, and of its end.</summary>
    public static float[][] PerToken(LanguageModelTransformer model, IDataView rows) =>
        [.. model.Transform(rows).GetColumn<float[]>("LogProbability.PerToken")];

    /// <summary>Generated rows.</summary>
    public static uint[][] Keys(IDataView rows)
    {
        DataViewSchema.Column column = rows.Schema["Keys"];
        return [.. Table.Read(rows, [column]).Columns[column.Index].Cast<uint[]>()];
    }
}
