using Microsoft.ML;
using MLNet.Papers.Elmo;
using MLNet.Papers.Texts;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Benchmarks.Elmo;

/// <summary>Our estimator, from the data view to the fitted transformer, against a bare loop over the same windows of the same sentences.</summary>
internal sealed class ElmoTrainingAgainstBareLoop : Comparison
{
    private const int Sentences = 2_500;

    public override string Name => "ELMo: training, P 64, C 192, windows of 64 × 20, against a bare TorchSharp loop";

    public override string Goal => "≥ 0.95 of its tokens per second";

    public override Task<Measured> MeasureAsync()
    {
        var ml = new MLContext(seed: 1);
        IDataView view = ElmoData.View(ml, Sentences);
        TokenCorpus corpus = ElmoData.Corpus(ml, Sentences);
        (double ratio, TimeSpan ours, TimeSpan peer) = InOwnProcesses(
            () => ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", ElmoData.Options()).Fit(view).Dispose(),
            () => BareLoop(corpus),
            turns: 5);
        return Task.FromResult(new Measured(Text($"{ratio:F2}"), Text($"{corpus.TokenCount / ours.TotalSeconds:N0} against ") +
            Text($"{corpus.TokenCount / peer.TotalSeconds:N0} tokens a second, both directions; {get_num_threads()} threads of torch")));
    }

    private static void BareLoop(TokenCorpus corpus)
    {
        ElmoOptions options = ElmoData.Options();
        ElmoArchitecture architecture = options.Architecture();
        TokenVocabulary vocabulary = corpus.Vocabulary(options.MinWordCount, options.MaxVocabulary);
        var words = new LanguageModelCorpus(corpus, vocabulary, architecture.MaxCharacters);
        var streams = new SentenceStreams(corpus, options.BatchSize, options.WindowLength, 1);
        var sampled = new SampledSoftmax(new LogUniformSampler(vocabulary.Count), options.NegativeSamples);
        using DisposeScope outer = NewDisposeScope();
        using var network = new BareLanguageModel(architecture, vocabulary.Count, options.Dropout);
        using optim.Optimizer optimizer = optim.Adam(network.parameters(), 2e-3);
        var states = new (Tensor Hidden, Tensor Cell)[2][];
        for (int direction = 0; direction < 2; direction++)
        {
            states[direction] =
            [
                .. Enumerable.Range(0, 2).Select(_ => (zeros(streams.Streams, options.ProjectionSize), zeros(streams.Streams, options.CellSize))),
            ];
        }

        int size = streams.Window * streams.Streams;
        int[] inputs = new int[size], targets = new int[size];
        network.train();
        for (long step = 0; step < streams.WindowsPerEpoch; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor? loss = null;
            for (int direction = 0; direction < 2; direction++)
            {
                streams.Read(step, direction, inputs, targets);
                int[] different = [.. inputs.Distinct()];
                Dictionary<int, long> numbers = different.Select((word, i) => (word, i)).ToDictionary(pair => pair.word, pair => (long)pair.i);
                long[] ids =
                [
                    .. different.SelectMany(
                        word =>
                            words.Characters(word).Concat(Enumerable.Repeat(CharacterIds.Padding, architecture.MaxCharacters - words.Characters(word).Length)))
                        .Select(id => (long)id),
                ];
                Tensor vectors = network.Encode(tensor(ids, [different.Length, architecture.MaxCharacters]));
                Tensor window = vectors.index_select(0, tensor(inputs.Select(word => numbers[word]).ToArray())).view(streams.Window, streams.Streams, -1);
                Tensor top = network.Run(window, direction, states[direction]).view(size, -1);
                Tensor one = sampled.Loss(
                    top, [.. targets.Select(target => (long)words.Target(target))], network.Weight, network.Bias, new Random((int)step)) / 2;
                loss = loss is null ? one : loss + one;
                foreach ((Tensor hidden, Tensor cell) in states[direction])
                {
                    hidden.MoveToOuterDisposeScope();
                    cell.MoveToOuterDisposeScope();
                }
            }

            loss!.backward();
            nn.utils.clip_grad_norm_(network.parameters(), 10);
            optimizer.step();
            _ = loss.item<float>();
        }
    }
}
