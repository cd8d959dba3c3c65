using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Onnx;

namespace MLNet.Papers.Benchmarks.Onnx;

/// <summary>
/// A network from its .zip against the same network from its .onnx file: by ML.NET's ApplyOnnxModel, one row at a time, and by the runtime that is called
/// directly, with one row and with many. What the runtime is given is made before the clock runs, which for texts spares it their splitting and the look-up of
/// words; our own time has both in it, but ELMo keeps the context-free vectors of the tokens it has met.
/// </summary>
/// <remarks>The runtime has one thread. Ours takes what the machine has: run this bound to one processor (taskset -c 0) for one thread each.</remarks>
internal abstract class OnnxScoring : Comparison
{
    private const int Turns = 5;
    private const int Batch = 64;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public override string Name => $"ONNX: scoring by our .zip and by its .onnx file, {Network}";

    public override string Goal => "(for comparison)";

    /// <summary>The network, in words.</summary>
    protected abstract string Network { get; }

    /// <summary>The network, and rows for it.</summary>
    protected abstract OnnxJob Create(MLContext ml);

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        string zip = Path.Combine(folder, "model.zip"), onnx = Path.Combine(folder, "model.onnx");
        OnnxJob job = Create(ml);
        ml.Model.Save(job.Model, job.Rows.Schema, zip);
        job.Model.SaveAsOnnx(onnx);
        job.Model.Dispose();
        using var loaded = (ExportableTransformer)ml.Model.Load(zip, out _);
        IDataView tensors = job.TensorView(ml);
        using OnnxTransformer applied = ml.Transforms.ApplyOnnxModel(new OnnxOptions
        {
            ModelFile = onnx,
            InputColumns = [.. job.Inputs.Select(input => input.Name)],
            OutputColumns = [job.Output],
            ShapeDictionary = job.Inputs.ToDictionary(input => input.Name, input => (int[])[1, .. input.RowShape]),
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
        }).Fit(tensors);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(onnx, options);

        IDataView scored = loaded.Transform(job.Rows);
        double rows = job.Count;
        (string Name, Action Run)[] jobs =
        [
            ($"ours in batches of {loaded.BatchSize}", () => Read(scored, job.Output)),
            ("ours row by row", () => ReadRowByRow(loaded, job.Rows, job.Output, null)),
            ("ApplyOnnxModel row by row", () => ReadRowByRow(applied, tensors, job.Output, null)),
            ("runtime row by row", () => RunAll(session, job, 1, null)),
            ($"runtime in batches of {Batch}", () => RunAll(session, job, Batch, null)),
        ];
        double[] seconds = InTurns([.. jobs.Select(entry => entry.Run)]);
        (string Name, double[] Microseconds)[] latencies =
        [
            ("ours", Latencies(list => ReadRowByRow(loaded, job.Rows, job.Output, list))),
            ("ApplyOnnxModel", Latencies(list => ReadRowByRow(applied, tensors, job.Output, list))),
            ("runtime", Latencies(list => RunAll(session, job, 1, list))),
        ];
        double first = FirstPrediction.Milliseconds(ml, zip, job.Rows), megabytes = new FileInfo(zip).Length / 1e6;
        Directory.Delete(folder, recursive: true);
        string figures = string.Join(", ", jobs.Zip(seconds, (entry, time) => Text($"{entry.Name} {rows / time:N0}")));
        string waits = string.Join(", ",
            latencies.Select(entry => Text($"{entry.Name} {Percentile(entry.Microseconds, 0.5):F0}/{Percentile(entry.Microseconds, 0.99):F0}")));
        return Task.FromResult(new Measured(
            Text($"{seconds[2] / seconds[1]:F1} times ApplyOnnxModel row by row, {seconds[4] / seconds[0]:F2} times the runtime in batches"),
            Text($"rows a second: {figures}; µs a row, p50/p99: {waits}; first prediction {first:F0} ms after the start of the process; ") +
            Text($".zip {megabytes:F2} MB; {Environment.ProcessorCount} processor(s)")));
    }

    // Medians; each turn begins with another job. The warm-up is long: .NET replaces its first, slow code only after a while.
    private static double[] InTurns(Action[] jobs)
    {
        List<double>[] times = [.. jobs.Select(_ => new List<double>())];
        foreach (Action job in jobs)
        {
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < WarmUp)
                job();
        }

        for (int turn = 0; turn < Turns; turn++)
        {
            for (int i = 0; i < jobs.Length; i++)
            {
                int number = (i + turn) % jobs.Length;
                long start = Stopwatch.GetTimestamp();
                jobs[number]();
                times[number].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return [.. times.Select(Median)];
    }

    private static double[] Latencies(Action<List<double>> run)
    {
        List<double> microseconds = [];
        for (int turn = 0; turn < 2; turn++)
            run(microseconds);
        return [.. microseconds.Order()];
    }

    private static double Percentile(double[] sorted, double part) => sorted[(int)(part * (sorted.Length - 1))];

    // As a prediction engine does it.
    private static void ReadRowByRow(ITransformer model, IDataView rows, string name, List<double>? microseconds)
    {
        IRowToRowMapper mapper = model.GetRowToRowMapper(rows.Schema);
        DataViewSchema.Column column = mapper.OutputSchema[name];
        using DataViewRowCursor cursor = rows.GetRowCursor(mapper.GetDependencies([column]));
        using DataViewRow row = mapper.GetRow(cursor, [column]);
        ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(column);
        VBuffer<float> values = default;
        while (cursor.MoveNext())
        {
            long start = Stopwatch.GetTimestamp();
            getter(ref values);
            microseconds?.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    }

    private static void RunAll(InferenceSession session, OnnxJob job, int batch, List<double>? microseconds)
    {
        using var run = new RunOptions();
        string[] names = [.. job.Inputs.Select(input => input.Name)], outputs = [job.Output];
        for (int first = 0; first < job.Count; first += batch)
        {
            long start = Stopwatch.GetTimestamp();
            OrtValue[] values = [.. job.Inputs.Select(input => input.Create(first, Math.Min(batch, job.Count - first)))];
            using (IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, names, values, outputs))
                _ = results[0].GetTensorDataAsSpan<float>()[0];
            foreach (OrtValue value in values)
                value.Dispose();
            microseconds?.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    }
}
