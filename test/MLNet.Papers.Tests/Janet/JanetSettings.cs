using MLNet.Papers.Tests.Series;

namespace MLNet.Papers.Tests.Janet;

/// <summary>The smallest useful options of the two trainers.</summary>
internal static class JanetSettings
{
    public static JanetOptions Options(SeriesKind kind, int epochs) => new()
    {
        Channels = SeriesExamples.ChannelsOf(kind),
        HiddenSizes = kind == SeriesKind.Variable ? [5, 4] : [6],
        Cell = kind == SeriesKind.Fixed ? JanetCell.LstmChrono : JanetCell.Janet,
        MaxDependency = kind == SeriesKind.Keys ? 0 : 12,
        TruncateSteps = kind == SeriesKind.Variable ? 3 : 0,
        Normalize = kind == SeriesKind.Keys ? SeriesNormalization.None : SeriesNormalization.ZScore,
        EmbeddingSize = 3,
        Epochs = epochs,
        BatchSize = 6,
    };
}
