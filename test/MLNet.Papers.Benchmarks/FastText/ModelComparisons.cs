using Microsoft.ML;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>A process that reads a large model and ends, against the reference program doing the same.</summary>
internal sealed class ReadingAgainstReference : Comparison
{
    public override string Name => "fastText: reading a .bin of 800 MB, a whole process each, against the original program";

    public override string Goal => "≥ 1 times as fast";

    public override Task<Measured> MeasureAsync()
    {
        if (ReferenceProgram.Path is not { } original)
            return Task.FromResult(ReferenceProgram.Skipped);
        return Task.FromResult(BenchmarkModel.WithFile(BenchmarkModel.Create(BenchmarkModel.Sentences(), buckets: 2_000_000), path =>
        {
            (double ratio, TimeSpan ours, TimeSpan peer) = SideBySide(
                () => OwnProcess.Run<ReadModel>(path), () => OwnProcess.RunProgram(original, [], "print-word-vectors", path), turns: 5);
            return new Measured(
                Text($"{ratio:F2}"), Text($"{ours.TotalSeconds:F2} against {peer.TotalSeconds:F2} s for {new FileInfo(path).Length / 1e6:N0} MB"));
        }));
    }
}

/// <summary>Reads a model and ends.</summary>
internal sealed class ReadModel : IOwnProcess
{
    public Task RunAsync(string[] arguments)
    {
        FastTextModel.Load(arguments[0]);
        return Task.CompletedTask;
    }
}

/// <summary>Sentence vectors of a column of text against the reference program's, whose time to read the model is taken off.</summary>
internal sealed class SentenceVectorsAgainstReference : Comparison
{
    public override string Name => "fastText: sentence vectors of English sentences against print-sentence-vectors of the original program";

    public override string Goal => "≥ 2 times the rows per second";

    public override Task<Measured> MeasureAsync()
    {
        if (ReferenceProgram.Path is not { } original)
            return Task.FromResult(ReferenceProgram.Skipped);
        string[] sentences = BenchmarkModel.Sentences();
        FastTextModel model = BenchmarkModel.Create(sentences, buckets: 200_000);
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.LoadFromEnumerable(sentences.Select(text => new Sentence { Text = text }));
        byte[] lines = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', sentences) + '\n');
        return Task.FromResult(BenchmarkModel.WithFile(model, path =>
        {
            using FastTextTransformer transformer = ml.Transforms.Text.ApplyFastText("Vector", "Text", path).Fit(data);
            (_, TimeSpan ours, TimeSpan peer) = SideBySide(
                () => Read(transformer.Transform(data), "Vector"), () => OwnProcess.RunProgram(original, lines, "print-sentence-vectors", path), turns: 5);
            (_, _, TimeSpan start) = SideBySide(
                () => Read(transformer.Transform(data), "Vector"), () => OwnProcess.RunProgram(original, [], "print-sentence-vectors", path), turns: 5);
            double theirs = sentences.Length / (peer - start).TotalSeconds, own = sentences.Length / ours.TotalSeconds;
            return new Measured(
                Text($"{own / theirs:F1}"), Text($"{own:N0} against {theirs:N0} rows a second, {sentences.Length:N0} rows, dimension {model.Dimension}"));
        }));
    }

    private sealed class Sentence
    {
        public string Text { get; set; } = "";
    }
}
