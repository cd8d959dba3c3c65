using Microsoft.ML;
using MLNet.Papers.CoVe;
using MLNet.Papers.Samples.CoVe;
using MLNet.Papers.Texts;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.CoVe;

/// <summary>Messages of the .NET SDK in English and German.</summary>
internal static class TranslationData
{
    public static IDataView View(MLContext ml, int count) =>
        ml.Data.LoadFromEnumerable(ParallelTexts.OfMessages("de", 1, CancellationToken.None).Training.Take(count).ToArray());

    public static TranslationOptions Options() => new()
    {
        TargetColumnName = nameof(TextPair.Target),
        HiddenSize = 128,
        EmbeddingSize = 128,
        Epochs = 1,
        ValidationFraction = 0,
        MaxTokens = 50,
    };
}

/// <summary>Our estimator, from the data view to the fitted transformer, against a bare loop over the same batches of the same sentences.</summary>
internal sealed class TranslationTrainingAgainstBareLoop : Comparison
{
    private const int Pairs = 1_280;
    private const int Epochs = 4;

    public override string Name => "CoVe: training of the translation, H 128, batches of 64, 4 epochs, against a bare TorchSharp loop";

    public override string Goal => "≥ 0.95 of its tokens per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView view = ml.Data.Cache(TranslationData.View(ml, Pairs));
        TranslationOptions options = TranslationData.Options();
        options.Epochs = Epochs;
        using Microsoft.ML.Runtime.IChannel channel = Interop.Host.EnvironmentOf(ml.Transforms).Start("Benchmark");
        ParallelCorpus corpus = ParallelCorpus.Read(Interop.Host.EnvironmentOf(ml.Transforms), view, nameof(TextPair.Source), options, 0, 1, channel).Training;
        long tokens = Epochs * (corpus.Source.TokenCount + corpus.Target.TokenCount);
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => ml.Transforms.Text.Translate("Translation", nameof(TextPair.Source), options).Fit(view).Dispose(),
            () => BareLoop(corpus, options),
            turns: 3);
        return Task.FromResult(new Measured(Text($"{ratio:F2}"), Text($"{tokens / ours.TotalSeconds:N0} against {tokens / peer.TotalSeconds:N0} tokens a ") +
            Text($"second, sources and targets; {get_num_threads()} threads of torch")));
    }

    private static void BareLoop(ParallelCorpus corpus, TranslationOptions options)
    {
        SourceWords words = SourceWords.Learned(corpus.Source, options);
        TokenVocabulary vocabulary = corpus.Target.Vocabulary(options.MinTargetCount, options.MaxTargetVocabulary);
        var pairs = new TranslationPairs(corpus, words, vocabulary);
        var batches = new TranslationBatches(pairs, options.BatchSize, 1);
        using DisposeScope outer = NewDisposeScope();
        using var network = new BareTranslator(words.Count, vocabulary.Count, options);
        using optim.Optimizer optimizer = optim.Adam(network.parameters(), 2e-3);
        network.train();
        for (int step = 0; step < Epochs * batches.Count; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            int[] batch = batches.At(step);
            int rows = batch.Length, longest = batch.Max(pairs.SourceLength), steps = batch.Max(pairs.TargetSteps);
            long[] read = new long[longest * rows], before = new long[steps * rows], predicted = new long[steps * rows];
            for (int row = 0; row < rows; row++)
            {
                for (int token = 0; token < pairs.SourceLength(batch[row]); token++)
                    read[(token * rows) + row] = pairs.Source(batch[row], token);
                for (int t = 0; t < steps; t++)
                {
                    bool isPadding = t >= pairs.TargetSteps(batch[row]);
                    before[(t * rows) + row] = t == 0 || isPadding ? TokenVocabulary.Begin : pairs.Target(batch[row], t - 1);
                    predicted[(t * rows) + row] = isPadding ? -100 : pairs.Target(batch[row], t);
                }
            }

            optimizer.zero_grad();
            Tensor lengths = tensor(batch.Select(pair => (long)pairs.SourceLength(pair)).ToArray());
            Tensor loss = network.Loss(tensor(read, [longest, rows]), lengths, tensor(before, [steps, rows]), tensor(predicted));
            loss.backward();
            nn.utils.clip_grad_norm_(network.parameters(), 5);
            optimizer.step();
            _ = loss.item<float>();
        }
    }
}
