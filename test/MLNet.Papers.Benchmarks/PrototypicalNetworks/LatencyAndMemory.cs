using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Benchmarks.PrototypicalNetworks;

/// <summary>One call of a prediction engine at a time.</summary>
internal abstract class PredictionEngineLatency(int calls) : Comparison
{
    protected abstract PrototypicalNetworkOptions Options { get; }

    protected abstract bool WithBusyCore { get; }

    public override async Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        using PrototypicalNetworkTransformer transformer = BenchmarkData.Fit(ml, Options);
        using PredictionEngine<LabelledRow, ScoredRow> engine = ml.Model.CreatePredictionEngine<LabelledRow, ScoredRow>(
            transformer, new PredictionEngineOptions { OwnsTransformer = false });
        LabelledRow[] rows = BenchmarkData.Rows(1_000);
        var scored = new ScoredRow();
        using var stop = new CancellationTokenSource();
        Task busy = WithBusyCore ? Task.Run(() => Spin(stop.Token), CancellationToken.None) : Task.CompletedTask;
        for (int call = 0; call < calls / 10; call++)
            engine.Predict(rows[call % rows.Length], ref scored);
        double[] microseconds = new double[calls];
        for (int call = 0; call < calls; call++)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Predict(rows[call % rows.Length], ref scored);
            microseconds[call] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        await stop.CancelAsync();
        await busy;
        Array.Sort(microseconds);
        return new Measured(
            Text($"p50 {microseconds[calls / 2]:F0} µs, p99 {microseconds[calls * 99 / 100]:F0} µs"),
            Text($"{calls:N0} calls, the slowest {microseconds[^1]:F0} µs"));
    }

    private static void Spin(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
            Thread.SpinWait(1_000);
    }
}

internal sealed class PerceptronLatency() : PredictionEngineLatency(calls: 50_000)
{
    public override string Name => "PredictionEngine, perceptron 784-64-64-64";

    public override string Goal => "p50 < 200 µs, p99 < 1 ms";

    protected override bool WithBusyCore => false;

    protected override PrototypicalNetworkOptions Options => BenchmarkData.Perceptron();
}

internal sealed class PerceptronLatencyWithBusyCore() : PredictionEngineLatency(calls: 50_000)
{
    public override string Name => "PredictionEngine, perceptron 784-64-64-64, while another thread keeps a core busy";

    public override string Goal => "p50 < 200 µs, p99 < 1 ms";

    protected override bool WithBusyCore => true;

    protected override PrototypicalNetworkOptions Options => BenchmarkData.Perceptron();
}

internal sealed class ConvolutionLatency() : PredictionEngineLatency(calls: 2_000)
{
    public override string Name => "PredictionEngine, four-block convolution";

    public override string Goal => "(for comparison)";

    protected override bool WithBusyCore => false;

    protected override PrototypicalNetworkOptions Options => BenchmarkData.Convolution();
}

/// <summary>A million rows through a cursor: what the process grows by after the first hundred thousand.</summary>
internal sealed class MemoryOfAMillionRows : Comparison
{
    private const int Rows = 1_000_000;

    public override string Name => "memory while scoring 1,000,000 rows, perceptron 784-64-64-64";

    public override string Goal => "growth < 50 MB after warm-up";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        using PrototypicalNetworkTransformer transformer = BenchmarkData.Fit(ml, BenchmarkData.Perceptron());
        LabelledRow[] rows = BenchmarkData.Rows(1_000);
        IDataView view = transformer.Transform(ml.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(row => rows[row % rows.Length])));
        DataViewSchema.Column score = view.Schema["Score"];
        using DataViewRowCursor cursor = view.GetRowCursor([score]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(score);
        VBuffer<float> value = default;
        long warm = 0, highest = 0;
        var clock = Stopwatch.StartNew();
        while (cursor.MoveNext())
        {
            getter(ref value);
            if ((cursor.Position + 1) % 100_000 != 0)
                continue;
            long now = WorkingSet();
            if (cursor.Position + 1 == 100_000)
                warm = now;
            highest = Math.Max(highest, now);
        }

        return Task.FromResult(new Measured(
            Text($"{(highest - warm) / 1e6:F1} MB"),
            Text($"{warm / 1e6:F0} MB after 100,000 rows, at most {highest / 1e6:F0} MB; {Rows / clock.Elapsed.TotalSeconds:N0} rows a second")));
    }

    private static long WorkingSet()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
