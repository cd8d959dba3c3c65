using System.Diagnostics;
using MLNet.Papers.Cactus;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.Cactus;

/// <summary>The paper's number of partitions of a large space, scaling of dimensions included.</summary>
internal sealed class ClusteringTime : Comparison
{
    private const int Rows = 20_000;
    private const int Size = 256;
    private const int Partitions = 100;
    private const int Timed = 10;

    public override string Name => "clustering 20,000 × 256 into 500, 100 partitions";

    public override string Goal => "under 300 s on 2 cores";

    public override Task<Measured> MeasureAsync()
    {
        var random = new Random(1);
        float[][] centres = [.. Enumerable.Range(0, 1000).Select(_ => Draw(random))];
        float[] points =
        [
            .. Enumerable.Range(0, Rows).SelectMany(_ => centres[random.Next(centres.Length)].Zip(Draw(random), (centre, noise) => centre + noise)),
        ];
        var options = new CactusOptions { Partitions = Timed, Clusters = 500, QueriesPerClass = 5 };
        long start = Stopwatch.GetTimestamp();
        int classes = new PartitionBuilder(options, points, Size, 1, CPU, () => { }).Build().Sum(partition => partition.Length);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds * Partitions / Timed;
        return Task.FromResult(new Measured(Text($"{seconds:F0} s"), Text($"{Timed} partitions timed, {(double)classes / Timed:F0} usable clusters each")));
    }

    // About normal, with variance 1/3.
    private static float[] Draw(Random random) =>
        [.. Enumerable.Range(0, Size).Select(_ => random.NextSingle() + random.NextSingle() + random.NextSingle() + random.NextSingle() - 2)];
}
