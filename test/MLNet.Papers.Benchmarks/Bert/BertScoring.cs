using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using MLNet.Papers.Bert;
using MLNet.Papers.Samples.Bert;

namespace MLNet.Papers.Benchmarks.Bert;

/// <summary>Texts of mixed length in batches.</summary>
internal sealed class BertBatches : Comparison
{
    private const int Texts = 512, Batch = 64;

    public override string Name => "BERT: MiniLM, texts of mixed length in batches, against ONNX Runtime in batches of 64 padded to the longest";

    public override string Goal => "at least 1.5";

    public override Task<Measured> MeasureAsync()
    {
        var runtime = new Lazy<BertRuntime>(() => new BertRuntime(BertData.Lines(Texts)));
        var view = new Lazy<IDataView>(() =>
        {
            var ml = new MLContext(seed: 1);
            return BertData.Transformer(ml).Transform(ml.Data.Cache(BertData.View(ml, Texts)));
        });
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(() => Read(view.Value, "Features"), () => runtime.Value.RunAll(Batch), turns: 5);
        return Task.FromResult(new Measured(Text($"{ratio:F2} times its texts per second"),
            Text($"{Texts / ours.TotalSeconds:N0} against {Texts / peer.TotalSeconds:N0} texts a second; {Environment.ProcessorCount} threads each; ") +
            Text($"the padding makes {runtime.Value.Padding(Batch):F2} pieces of one; our time has cutting into pieces and pooling in it")));
    }
}

/// <summary>The same texts one at a time by ML.NET, whose graph has a fixed length.</summary>
internal sealed class BertAgainstApplyOnnxModel : Comparison
{
    private const int Texts = 64;

    public override string Name => "BERT: MiniLM, texts of mixed length in batches, against ApplyOnnxModel row by row";

    public override string Goal => "at least 4";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        var ours = new Lazy<IDataView>(() => BertData.Transformer(ml).Transform(ml.Data.Cache(BertData.View(ml, Texts))));
        var peer = new Lazy<(IDataView View, string Column)>(() => Applied(ml));
        (double ratio, TimeSpan own, TimeSpan other) = InOwnProcesses(
            () => Read(ours.Value, "Features"), () => Read(peer.Value.View, peer.Value.Column), turns: 5);
        return Task.FromResult(new Measured(Text($"{ratio:F1} times its texts per second"),
            Text($"{Texts / own.TotalSeconds:N0} against {Texts / other.TotalSeconds:N0} texts a second; it is given pieces, padded to {BertData.MaxLength}")));
    }

    private static (IDataView View, string Column) Applied(MLContext ml)
    {
        string[] inputs = ["input_ids", "attention_mask", "token_type_ids"], outputs = ["last_hidden_state"];
        BertBatch texts = BertData.Pieces(BertData.Lines(Texts));
        var schema = SchemaDefinition.Create(typeof(Row));
        foreach (string input in inputs)
            schema[input].ColumnType = new VectorDataViewType(NumberDataViewType.Int64, BertData.MaxLength);
        IDataView rows = ml.Data.LoadFromEnumerable(Enumerable.Range(0, Texts).Select(text => new Row(texts.Pieces(text))), schema);
        OnnxTransformer applied = ml.Transforms.ApplyOnnxModel(new OnnxOptions
        {
            ModelFile = PackagedEncoder.MiniLM.ModelPath,
            InputColumns = inputs,
            OutputColumns = outputs,
            ShapeDictionary = inputs.ToDictionary(input => input, _ => (int[])[1, BertData.MaxLength]),
            IntraOpNumThreads = Environment.ProcessorCount,
            InterOpNumThreads = 1,
        }).Fit(rows);
        return (applied.Transform(rows), outputs[0]);
    }

    private sealed class Row
    {
        public Row(ReadOnlySpan<int> pieces)
        {
            (Pieces, Present, Segments) = (new long[BertData.MaxLength], new long[BertData.MaxLength], new long[BertData.MaxLength]);
            for (int place = 0; place < pieces.Length; place++)
                (Pieces[place], Present[place]) = (pieces[place], 1);
        }

        [ColumnName("input_ids")]
        public long[] Pieces { get; }

        [ColumnName("attention_mask")]
        public long[] Present { get; }

        [ColumnName("token_type_ids")]
        public long[] Segments { get; }
    }
}

/// <summary>One text at a time, as a service is asked.</summary>
internal sealed class BertSingleText : Comparison
{
    private const int Texts = 200;

    public override string Name => "BERT: MiniLM, one text, p50, against ONNX Runtime";

    public override string Goal => "at most 1.1";

    public override Task<Measured> MeasureAsync()
    {
        string[] lines = BertData.Lines(Texts);
        var runtime = new Lazy<BertRuntime>(() => new BertRuntime(lines));
        var engine = new Lazy<PredictionEngine<Line, Vector>>(() =>
        {
            var ml = new MLContext(seed: 1);
            return ml.Model.CreatePredictionEngine<Line, Vector>(BertData.Transformer(ml));
        });
        var vector = new Vector();
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => Median(lines.Select(line => Seconds(() => engine.Value.Predict(new Line { Text = line }, ref vector)))),
            () => Median(Enumerable.Range(0, Texts).Select(text => Seconds(() => runtime.Value.Run(text)))), turns: 9);
        return Task.FromResult(new Measured(Text($"{1 / ratio:F2} times its time"),
            Text($"p50 {ours.TotalMilliseconds:F2} ms against {peer.TotalMilliseconds:F2} ms; {Environment.ProcessorCount} threads each; ") +
            "our time has cutting into pieces and pooling in it"));
    }

    private static double Seconds(Action job)
    {
        long start = Stopwatch.GetTimestamp();
        job();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed class Line
    {
        public string Text { get; set; } = "";
    }

    private sealed class Vector
    {
        public float[] Features { get; set; } = [];
    }
}

/// <summary>Memory while many texts are scored, and with many engines. BERT_TEXTS says how many texts.</summary>
/// <param name="encoder">What the encoder is called.</param>
/// <param name="texts">How many texts, unless it is said.</param>
internal abstract class BertMemory(string encoder, int texts) : Comparison
{
    private const int Engines = 16;

    public override string Name => $"BERT: {encoder}, memory of scoring many texts, and of many engines";

    public override string Goal => "flat; weights held once";

    public override Task<Measured> MeasureAsync()
    {
        int many = int.TryParse(Environment.GetEnvironmentVariable("BERT_TEXTS"), out int given) ? given : texts, few = many / 10;
        double first = MegabytesOf(few, 1), last = MegabytesOf(many, 1), engines = MegabytesOf(few, Engines);
        return Task.FromResult(new Measured(Text($"{last / first:F2} times as much for ten times as many texts"),
            Text($"{first:F0} MB at most for {few:N0} texts, {last:F0} MB for {many:N0}; {engines:F0} MB for {few:N0} with {Engines} engines beside")));
    }

    /// <summary>The most memory of a process that scores texts, in megabytes.</summary>
    protected abstract double MegabytesOf(int texts, int engines);

    /// <summary>Scores texts.</summary>
    internal abstract class Work(Func<MLContext, BertTransformer> transformer) : IOwnProcess
    {
        public Task RunAsync(string[] arguments)
        {
            int texts = int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture),
                engines = int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture);
            var ml = new MLContext(seed: 1);
            using BertTransformer bert = transformer(ml);
            IDataView view = BertData.View(ml, texts);
            List<BertTransformer> others = [.. Enumerable.Range(1, engines - 1).Select(_ => bert.WithOutputs("Features", "Text"))];
            foreach (BertTransformer other in others)
                Read(other.Transform(ml.Data.TakeRows(view, 1)), "Features");
            Read(bert.Transform(view), "Features");
            return Task.CompletedTask;
        }
    }
}

/// <inheritdoc/>
internal sealed class MiniLmMemory() : BertMemory("MiniLM", texts: 20_000)
{
    protected override double MegabytesOf(int texts, int engines) => OwnProcess.Run<Score>(texts, engines).Megabytes;

    internal sealed class Score() : Work(BertData.Transformer);
}

/// <summary>A million texts, which MiniLM needs an hour for.</summary>
internal sealed class SmallBertMemory() : BertMemory("2 layers of 128", texts: 1_000_000)
{
    protected override double MegabytesOf(int texts, int engines) => OwnProcess.Run<Score>(texts, engines).Megabytes;

    internal sealed class Score() : Work(BertData.Small);
}
