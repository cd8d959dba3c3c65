using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.CoVe;

namespace MLNet.Papers.Benchmarks.CoVe;

/// <summary>Scoring views in batches against a batch size of 1.</summary>
internal abstract class CoVeScoringAgainstOneByOne(int hiddenSize) : Comparison
{
    private const int Texts = 2_000;

    public override string Name => Text($"CoVe: vectors of a data view's texts in batches, {hiddenSize} hidden units, against a batch size of 1");

    public override string Goal => "≥ 4 times its texts per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView view = ml.Data.Cache(TranslationData.View(ml, Texts));
        using CoVeTransformer cove = Model(ml, view, hiddenSize), single = cove.WithOutputs("Features", nameof(TextPair.Source));
        single.BatchSize = 1;
        (double ratio, TimeSpan ours, TimeSpan peer) = SideBySide(
            () => Read(cove.Transform(view), "Features"), () => Read(single.Transform(view), "Features"), turns: 5);
        return Task.FromResult(
            new Measured(Text($"{ratio:F1}"), Text($"{Texts / ours.TotalSeconds:N0} against {Texts / peer.TotalSeconds:N0} texts a second")));
    }

    /// <summary>A model that was hardly trained: its speed is that of any.</summary>
    public static CoVeTransformer Model(MLContext ml, IDataView view, int hiddenSize) =>
        ml.Transforms.Text.FeaturizeTextWithCoVe("Features", nameof(TextPair.Source), new()
        {
            TargetColumnName = nameof(TextPair.Target),
            HiddenSize = hiddenSize,
            TimeLimit = TimeSpan.FromMilliseconds(1),
            ValidationFraction = 0,
        }).Fit(view);
}

/// <summary>The sample's size, whose weights lie in the processor's caches.</summary>
internal sealed class SmallCoVeScoring() : CoVeScoringAgainstOneByOne(hiddenSize: 128);

/// <summary>The size of the paper.</summary>
internal sealed class PublishedCoVeScoring() : CoVeScoringAgainstOneByOne(hiddenSize: 300);

/// <summary>Translating a view, whose sentences are decoded side by side, against a batch size of 1.</summary>
internal sealed class TranslationScoring : Comparison
{
    private const int Texts = 100;

    public override string Name => "CoVe: translations of a data view's texts, 128 hidden units, beam of 5, against a batch size of 1";

    public override string Goal => "≥ 1 times its texts per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView view = ml.Data.Cache(TranslationData.View(ml, 2_000)), texts = ml.Data.Cache(ml.Data.TakeRows(view, Texts));
        using CoVeTransformer cove = CoVeScoringAgainstOneByOne.Model(ml, view, 128);
        using TranslationTransformer translation =
            ml.Transforms.Text.ApplyTranslation("Translation", nameof(TextPair.Source), cove).Fit(texts),
            single = translation.WithOutputs("Translation", nameof(TextPair.Source));
        single.BatchSize = 1;
        (double ratio, TimeSpan ours, TimeSpan peer) = SideBySide(() => Translate(translation), () => Translate(single), turns: 5);
        return Task.FromResult(
            new Measured(Text($"{ratio:F2}"), Text($"{Texts / ours.TotalSeconds:N1} against {Texts / peer.TotalSeconds:N1} texts a second")));

        void Translate(TranslationTransformer transformer)
        {
            foreach (string _ in transformer.Transform(texts).GetColumn<string>("Translation"))
            {
            }
        }
    }
}

/// <summary>A long document, and how much memory it takes.</summary>
internal sealed class CoVeLongDocument : Comparison
{
    private const int Tokens = 100_000;

    public override string Name => "CoVe: memory while scoring a document of 100,000 tokens, pooled";

    public override string Goal => "bounded";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView view = ml.Data.Cache(TranslationData.View(ml, 2_000));
        using CoVeTransformer cove = CoVeScoringAgainstOneByOne.Model(ml, view, 128);
        string[] words =
        [
            .. Enumerable.Repeat(view.GetColumn<string>(nameof(TextPair.Source)), 20).SelectMany(texts => texts).SelectMany(text => text.Split(' '))
                .Take(2 * Tokens),
        ];
        long whole = Peak(cove, ml, string.Join(' ', words.Take(Tokens))), twice = Peak(cove, ml, string.Join(' ', words));
        return Task.FromResult(
            new Measured(Text($"{whole / 1e6:F0} MB"), Text($"{twice / 1e6:F0} MB for twice as many; managed memory with what is not collected yet")));
    }

    private static long Peak(CoVeTransformer cove, MLContext ml, string text)
    {
        IDataView view = ml.Data.LoadFromEnumerable(new[] { new TextPair { Source = text } });
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true), greatest = before;
        using var timer = new Timer(_ => greatest = Math.Max(greatest, GC.GetTotalMemory(false)), null, 0, 5);
        _ = cove.Transform(view).GetColumn<float[]>("Features").Single();
        return greatest - before;
    }
}
