using MLNet.Papers.Episodes;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Maml;

/// <summary>Trains an initialization from which gradient steps reach a classifier.</summary>
internal static class MamlTraining
{
    private const int StatisticsRows = 1024;

    /// <summary>The initialization that tasks teach.</summary>
    /// <param name="episodes">How tasks are drawn and how training goes.</param>
    /// <param name="options">The inner steps.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="validationEpisodes">Tasks in a validation.</param>
    /// <param name="device">Where to train.</param>
    /// <exception cref="InvalidOperationException">A loss or a weight is not finite, or the checkpoint belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static MamlNetwork LearnInitialization(
        this EpisodicTraining episodes, MetaLearningOptions options, EpisodeRows training, EpisodeRows? validation, int validationEpisodes, Device device)
    {
        int ways = training.Ways(options, options.Turns);
        LayeredArchitecture architecture = options.MamlArchitecture(training.Size, ways).RequireScorable(options.GetType().Name);
        var function = new LayeredFunction(architecture);
        // Each inner step is a pass of its own, whose gradients are graphs too unless they are taken for constants.
        int passes = options.FirstOrder ? 2 : 2 * (options.InnerSteps + 1);
        return episodes.Run(architecture, training, validation, device, Task, Learned, passes);

        MamlNetwork Learned(LayeredModule network)
        {
            NetworkWeights weights = function.Finish(Spread(training).to(device), function.WeightsOf(network));
            return new MamlNetwork(architecture, weights, options.InnerLearningRate, options.AdaptationSteps);
        }

        MamlTask Task(LayeredModule network, EpisodeSource source, EpisodeSource? held) => new(
            network, function, (logits, classes) => nn.functional.cross_entropy(logits, classes), random => Draw(source, random),
            held is null ? [] : [.. Enumerable.Range(0, validationEpisodes).Select(episode => Validation(held, episode))], options);

        Func<MetaTask> Validation(EpisodeSource held, int episode) => () => Draw(held, EpisodeSource.ValidationRandom(episodes.Seed, episode));

        MetaTask Draw(EpisodeSource source, Random random)
        {
            Tensor rows = source.Draw(random).Rows;
            Tensor classes = arange(source.Ways, ScalarType.Int64, rows.device);
            return new MetaTask(rows, classes.repeat_interleave(options.Shots), classes.repeat_interleave(options.QueriesPerClass));
        }
    }

    // Rows for the statistics of batch normalization, from all of the data alike.
    private static Tensor Spread(EpisodeRows rows)
    {
        int count = Math.Min(StatisticsRows, rows.Count);
        float[] some = new float[count * rows.Size];
        for (int i = 0; i < count; i++)
            rows.Features.AsSpan((int)((long)rows.Count * i / count) * rows.Size, rows.Size).CopyTo(some.AsSpan(i * rows.Size));
        return tensor(some, [count, rows.Size]);
    }
}
