using BenchmarkDotNet.Attributes;
using MLNet.Papers.PrototypicalNetworks;

namespace MLNet.Papers.Benchmarks.PrototypicalNetworks;

/// <summary>The classifier behind every scored row, alone.</summary>
[MemoryDiagnoser]
public class PrototypeClassifierBenchmarks
{
    private const int Size = 64;

    private readonly float[] _embedding = new float[Size];
    private readonly float[] _scratch = new float[Size];
    private float[] _probabilities = [];
    private PrototypeClassifier? _classifier;

    [Params(5, 20, 1000)]
    public int Classes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _probabilities = new float[Classes];
        _classifier = new PrototypeClassifier(
            [.. Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, Size).Select(_ => random.NextSingle()).ToArray())], Size,
            Distance.SquaredEuclidean);
    }

    [Benchmark]
    public uint Classify()
    {
        _embedding.CopyTo(_scratch, 0);
        return _classifier!.Classify(_scratch, _probabilities);
    }
}
