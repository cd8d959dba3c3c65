using MLNet.Papers.Tests.Series;

namespace MLNet.Papers.Tests.TrellisNet;

/// <summary>The smallest useful options of the two trainers.</summary>
internal static class TrellisNetSettings
{
    public static TrellisNetOptions Options(SeriesKind kind, int epochs) => new()
    {
        Channels = SeriesExamples.ChannelsOf(kind),
        HiddenSize = 3,
        OutputSize = 4,
        Levels = 3,
        KernelSize = kind == SeriesKind.Keys ? 3 : 2,
        Dilations = [1, 2],
        WeightNorm = kind != SeriesKind.Keys,
        Dropout = kind == SeriesKind.Variable ? 0.1 : 0,
        InputDropout = kind == SeriesKind.Variable ? 0.1 : 0,
        HiddenDropout = kind == SeriesKind.Variable ? 0.1 : 0,
        WeightDropout = kind == SeriesKind.Variable ? 0.1 : 0,
        AuxiliaryWeight = kind == SeriesKind.Fixed ? 0.1 : 0,
        AuxiliaryEvery = 1,
        Normalize = kind == SeriesKind.Variable ? SeriesNormalization.ZScore : SeriesNormalization.None,
        EmbeddingSize = 3,
        Epochs = epochs,
        BatchSize = 6,
    };
}
