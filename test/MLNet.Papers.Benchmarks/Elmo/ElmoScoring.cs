using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Elmo;
using MLNet.Papers.Networks;
using TorchSharp;

namespace MLNet.Papers.Benchmarks.Elmo;

/// <summary>Scoring texts in batches against one text at a time.</summary>
internal abstract class ElmoScoring : Comparison
{
    private const int Sentences = 2_000;

    public override string Goal => "≥ 4 times its texts per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        ElmoOptions options = Options();
        (options.LearningRate, options.TimeLimit) = (1e-30, TimeSpan.FromMilliseconds(1));
        IDataView view = ml.Data.Cache(ElmoData.View(ml, Sentences));
        using ElmoTransformer elmo = ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options).Fit(view);
        using IDisposable job = OneByOne(ml, elmo, view, out Action oneByOne);
        (double ratio, TimeSpan ours, TimeSpan peer) = SideBySide(() => Read(elmo.Transform(view), "Features"), oneByOne, turns: 5);
        return Task.FromResult(
            new Measured(Text($"{ratio:F1}"), Text($"{Sentences / ours.TotalSeconds:N0} against {Sentences / peer.TotalSeconds:N0} texts a second")));
    }

    /// <summary>What size of network.</summary>
    protected virtual ElmoOptions Options() => ElmoData.Options();

    /// <summary>What is compared with.</summary>
    protected abstract IDisposable OneByOne(MLContext ml, ElmoTransformer elmo, IDataView view, out Action job);
}

internal sealed class ElmoScoringAgainstTorch : ElmoScoring
{
    public override string Name => "ELMo: scoring a data view in batches, against the network in TorchSharp, one text at a time";

    protected override IDisposable OneByOne(MLContext ml, ElmoTransformer elmo, IDataView view, out Action job)
    {
        ElmoModel model = elmo.Model;
        var scorer = new ElmoScorer(
            model.Architecture, new TorchScorer(model.Architecture.Encoder(), model.Weights, torch.CPU),
            new TorchSequenceScorer(model.Architecture.Stack(), model.Weights, torch.CPU));
        string[][] texts = [.. view.GetColumn<string>("Text").Select(text => text.Split(' '))];
        job = () =>
        {
            foreach (string[] text in texts)
                scorer.Run([text], (_, _) => { });
        };
        return scorer;
    }
}

internal class ElmoScoringAgainstOneByOne : ElmoScoring
{
    public override string Name => "ELMo: scoring a data view in batches, against a batch size of 1";

    protected override IDisposable OneByOne(MLContext ml, ElmoTransformer elmo, IDataView view, out Action job)
    {
        ElmoTransformer single = elmo.WithOutputs("Features", "Text");
        single.BatchSize = 1;
        job = () => Read(single.Transform(view), "Features");
        return single;
    }
}

/// <summary>The same with the small model that the authors published, whose weights do not lie in a core's caches.</summary>
internal sealed class PublishedElmoScoringAgainstOneByOne : ElmoScoringAgainstOneByOne
{
    public override string Name => "ELMo: scoring a data view in batches, projections of 128 and cells of 1024, against a batch size of 1";

    protected override ElmoOptions Options()
    {
        ElmoOptions options = ElmoData.Options();
        (options.ProjectionSize, options.CellSize) = (128, 1024);
        return options;
    }
}

/// <summary>A long document, and how much memory it takes.</summary>
internal sealed class ElmoLongDocument : Comparison
{
    private const int Tokens = 100_000;

    public override string Name => "ELMo: memory while scoring a document of 100,000 tokens, pooled";

    public override string Goal => "bounded";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        ElmoOptions options = ElmoData.Options();
        (options.LearningRate, options.TimeLimit) = (1e-30, TimeSpan.FromMilliseconds(1));
        using ElmoTransformer elmo = ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", options).Fit(ElmoData.View(ml, 2_000));
        string[] words = [.. ElmoData.Lines(100_000).SelectMany(line => line.Split(' ')).Take(2 * Tokens)];
        long whole = Peak(elmo, ml, string.Join(' ', words.Take(Tokens))), twice = Peak(elmo, ml, string.Join(' ', words));
        return Task.FromResult(
            new Measured(Text($"{whole / 1e6:F0} MB"), Text($"{twice / 1e6:F0} MB for twice as many; managed memory with what is not collected yet")));
    }

    private static long Peak(ElmoTransformer elmo, MLContext ml, string text)
    {
        IDataView view = ml.Data.LoadFromEnumerable(new[] { new Line { Text = text } });
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true), greatest = before;
        using var timer = new Timer(_ => greatest = Math.Max(greatest, GC.GetTotalMemory(false)), null, 0, 5);
        _ = elmo.Transform(view).GetColumn<float[]>("Features").Single();
        return greatest - before;
    }

    private sealed class Line
    {
        public string Text { get; set; } = "";
    }
}

/// <summary>How many of the steps that are computed belong to no token.</summary>
internal sealed class ElmoPadding : Comparison
{
    public override string Name => "ELMo: padding";

    public override string Goal => "< 15 % of the steps";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        MLNet.Papers.Texts.TokenCorpus corpus = ElmoData.Corpus(ml, 20_000);
        ElmoOptions options = ElmoData.Options();
        var streams = new SentenceStreams(corpus, options.BatchSize, options.WindowLength, 1);
        long steps = (long)corpus.TokenCount + corpus.SentenceCount, trained = streams.WindowsPerEpoch * streams.Streams * streams.Window;
        int[] lengths = [.. Enumerable.Range(0, 64).Select(sentence => corpus.Length(sentence) + 1).OrderDescending()];
        var packed = new PackedSequences(lengths);
        return Task.FromResult(new Measured("0 %", Text($"an epoch has {trained} steps of {steps}, none of them padding; ") +
            Text($"a batch of 64 texts is packed into {packed.Total} steps for {lengths.Sum()}")));
    }
}
