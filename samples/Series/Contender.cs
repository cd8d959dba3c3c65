using Microsoft.ML;
using SkiaSharp;

namespace MLNet.Papers.Samples.Series;

/// <summary>A network over series that is compared with others.</summary>
/// <param name="Name">What the figures of its runs begin with.</param>
/// <param name="Title">What it is, in words.</param>
/// <param name="Colour">The colour of its lines.</param>
/// <param name="Options">Fresh options of its network.</param>
internal sealed record Contender(string Name, string Title, SKColor Colour, Func<SeriesOptions> Options)
{
    private static readonly SKColor Blue = new(0x1f, 0x77, 0xb4), Orange = new(0xff, 0x7f, 0x0e), Green = new(0x2c, 0xa0, 0x2c),
        Red = new(0xd6, 0x27, 0x28), Violet = new(0x94, 0x67, 0xbd), Brown = new(0x8c, 0x56, 0x4b);

    /// <summary>With the same hidden size, as in JANET's paper; and a trellis network that looks back over all steps.</summary>
    /// <param name="units">Units of a layer.</param>
    public static Contender[] OfOneSize(int units) =>
    [
        new("janet", "JANET, chrono", Blue, () => new JanetOptions { HiddenSizes = [units] }),
        new("janetPlain", "JANET, forget bias 1", Orange, () => new JanetOptions { HiddenSizes = [units], Chrono = false }),
        new("lstm", "LSTM, forget bias 1", Red, () => new JanetOptions { HiddenSizes = [units], Cell = JanetCell.Lstm }),
        new("lstmChrono", "LSTM, chrono", Violet, () => new JanetOptions { HiddenSizes = [units], Cell = JanetCell.LstmChrono }),
        new("trellis", "TrellisNet", Green, () => Trellis(levels: 7, weightNorm: false)),
        new("trellisNorm", "TrellisNet, weight normalization", Brown, () => Trellis(levels: 7, weightNorm: true)),
    ];

    /// <summary>With about as many parameters each.</summary>
    /// <param name="levels">Levels of the trellis network, each of which looks twice as far back as the one before it.</param>
    public static Contender[] OfOneParameterCount(int levels) =>
    [
        new("Janet", "JANET, chrono", Blue, () => new JanetOptions { HiddenSizes = [64] }),
        new("Trellis", "TrellisNet", Green, () => Trellis(levels, weightNorm: false)),
        new("Lstm", "LSTM, forget bias 1", Red, () => new JanetOptions { HiddenSizes = [45], Cell = JanetCell.Lstm }),
    ];

    /// <summary>The trainer of a classifier.</summary>
    public static IEstimator<SeriesClassifierTransformer> Classifier(MLContext ml, SeriesOptions options) => options is JanetOptions janet
        ? ml.MulticlassClassification.Trainers.Janet(nameof(SeriesRow.Class), nameof(SeriesRow.Series), janet)
        : ml.MulticlassClassification.Trainers.TrellisNet(nameof(SeriesRow.Class), nameof(SeriesRow.Series), (TrellisNetOptions)options);

    /// <summary>The trainer of what predicts a number.</summary>
    public static IEstimator<SeriesRegressionTransformer> Regression(MLContext ml, SeriesOptions options) => options is JanetOptions janet
        ? ml.Regression.Trainers.Janet(nameof(SeriesRow.Number), nameof(SeriesRow.Series), janet)
        : ml.Regression.Trainers.TrellisNet(nameof(SeriesRow.Number), nameof(SeriesRow.Series), (TrellisNetOptions)options);

    // Each level looks twice as far back as the one before it. In a short training plain weights learn sooner than normalized ones.
    private static TrellisNetOptions Trellis(int levels, bool weightNorm) => new()
    {
        HiddenSize = 16,
        OutputSize = 16,
        Levels = levels,
        Dilations = [.. Enumerable.Range(0, levels).Select(level => 1 << level)],
        WeightNorm = weightNorm,
    };
}
