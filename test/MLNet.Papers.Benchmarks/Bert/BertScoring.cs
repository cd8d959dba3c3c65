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

/// <summary>Memory while many texts are scored, and with many engines. BERT_TEXTS says how many texts; a million take an hour or two.</summary>
internal sealed class BertMemory : Comparison
{
    private const int Engines = 16;

    public override string Name => "BERT: MiniLM, memory of scoring many texts, and of many engines";

    public override string Goal => "flat; weights held once";

    public override Task<Measured> MeasureAsync()
    {
        int many = int.TryParse(Environment.GetEnvironmentVariable("BERT_TEXTS"), out int given) ? given : 20_000, few = many / 10;
        double first = OwnProcess.Run<Work>(few, 1).Megabytes, last = OwnProcess.Run<Work>(many, 1).Megabytes;
        double engines = OwnProcess.Run<Work>(few, Engines).Megabytes;
        return Task.FromResult(new Measured(Text($"{last / first:F2} times as much for ten times as many texts"),
            Text($"{first:F0} MB at most for {few:N0} texts, {last:F0} MB for {many:N0}; {engines:F0} MB for {few:N0} with {Engines} engines beside")));
    }

    internal sealed class Work : IOwnProcess
    {
        public Task RunAsync(string[] arguments)
        {
            int texts = int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture),
                engines = int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture);
            var ml = new MLContext(seed: 1);
            using BertTransformer bert = BertData.Transformer(ml);
            IDataView view = BertData.View(ml, texts);
            List<BertTransformer> others = [.. Enumerable.Range(1, engines - 1).Select(_ => bert.WithOutputs("Features", "Text"))];
            foreach (BertTransformer other in others)
                Read(other.Transform(ml.Data.TakeRows(view, 1)), "Features");
            Read(bert.Transform(view), "Features");
            return Task.CompletedTask;
        }
    }
}
