using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace MLNet.Papers.Samples.Anomalies;

/// <summary>What tells strange rows. The command finds all of them by itself.</summary>
internal abstract class AnomalyDetector
{
    /// <summary>What the figures of its runs begin with, and what the user types.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, in words.</summary>
    public abstract string Title { get; }

    /// <summary>The colour of its lines.</summary>
    public abstract SKColor Colour { get; }

    /// <summary>How strange each row of the test is; the higher the stranger.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="set">The rows.</param>
    public abstract float[] Score(MLContext ml, AnomalySet set);

    /// <summary>The column Score of a transformer.</summary>
    protected static float[] ScoresOf(ITransformer transformer, MLContext ml, AnomalySet set)
    {
        using (transformer as IDisposable)
        {
            return [.. transformer.Transform(set.TestView(ml)).GetColumn<float>("Score")];
        }
    }

    /// <summary>How often training goes through rows for about so many steps.</summary>
    /// <param name="steps">Steps.</param>
    /// <param name="batch">Rows of a step.</param>
    /// <param name="set">The rows.</param>
    protected static int EpochsFor(int steps, int batch, AnomalySet set) => Math.Max(1, steps * batch / set.Training.Length);
}

/// <summary>ML.NET's own detector, over numbers as they are.</summary>
internal sealed class RandomizedPcaDetector : AnomalyDetector
{
    private const int Rank = 20;

    public override string Name => "randomizedPca";

    public override string Title => "RandomizedPca";

    public override SKColor Colour => new(0x99, 0x99, 0x99);

    /// <summary>The trainer.</summary>
    public static IEstimator<ITransformer> Trainer(MLContext ml, AnomalySet set) =>
        ml.AnomalyDetection.Trainers.RandomizedPca("Features", rank: Math.Min(Rank, set.Training[0].Length / 2), seed: 1);

    public override float[] Score(MLContext ml, AnomalySet set) => ScoresOf(Trainer(ml, set).Fit(set.TrainingView(ml)), ml, set);
}

/// <summary>The same over numbers in standard deviations.</summary>
internal sealed class NormalizedPcaDetector : AnomalyDetector
{
    public override string Name => "randomizedPcaNormalized";

    public override string Title => "RandomizedPca, normalized";

    public override SKColor Colour => new(0xbc, 0xbd, 0x22);

    public override float[] Score(MLContext ml, AnomalySet set) => ScoresOf(
        ml.Transforms.NormalizeMeanVariance("Features", fixZero: false).Append(RandomizedPcaDetector.Trainer(ml, set)).Fit(set.TrainingView(ml)), ml, set);
}

/// <summary>The distance from the nearest of ML.NET's clusters.</summary>
internal sealed class ClusterDistanceDetector : AnomalyDetector
{
    private const int Clusters = 10;

    public override string Name => "kMeans";

    public override string Title => "KMeans, distance";

    public override SKColor Colour => new(0x33, 0x33, 0x33);

    public override float[] Score(MLContext ml, AnomalySet set) =>
    [
        .. ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)
            .Append(ml.Clustering.Trainers.KMeans("Features", numberOfClusters: Clusters)).Fit(set.TrainingView(ml))
            .Transform(set.TestView(ml)).GetColumn<float[]>("Score").Select(distances => distances.Min()),
    ];
}
