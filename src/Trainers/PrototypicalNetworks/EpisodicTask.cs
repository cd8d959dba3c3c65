using MLNet.Papers.Episodes;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>Algorithm 1: the loss of one episode is the mean negative log-probability of its queries' classes.</summary>
internal sealed class EpisodicTask : TrainingTask, IDisposable
{
    private readonly PrototypicalNetworkOptions _options;
    private readonly EmbeddingModule _network;
    private readonly Tensor _features;
    private readonly EpisodeSampler _sampler;
    private readonly int _classes;
    private readonly ImageAugmentation? _augmentation;
    private readonly Tensor? _validationFeatures;
    private readonly Episode[] _validationEpisodes = [];
    private readonly int _validationWays;

    /// <param name="options">How episodes are drawn and what the distance is.</param>
    /// <param name="network">The network, on its device.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="seed">Seed of the validation episodes.</param>
    /// <param name="device">Where the rows are put, once.</param>
    public EpisodicTask(PrototypicalNetworkOptions options, EmbeddingModule network, EpisodeRows training, EpisodeRows? validation, int seed, Device device)
    {
        _options = options;
        _network = network;
        _features = OnDevice(training);
        _classes = training.RowsByClass.Count;
        IReadOnlyList<int[]> classes = options.Rotations ? [.. Enumerable.Repeat(training.RowsByClass, 4).SelectMany(rows => rows)] : training.RowsByClass;
        _sampler = new EpisodeSampler(classes, Math.Min(options.Ways, classes.Count), options.Shots, options.QueriesPerClass);
        _augmentation = options.ImageShape is { } shape && (options.Rotations || options.AffineJitter > 0) ? new ImageAugmentation(shape, options.AffineJitter, device) : null;
        if (validation is null)
            return;
        _validationFeatures = OnDevice(validation);
        _validationWays = Math.Min(options.Ways, validation.RowsByClass.Count);
        var sampler = new EpisodeSampler(validation.RowsByClass, _validationWays, options.Shots, options.QueriesPerClass);
        _validationEpisodes = [.. Enumerable.Range(0, options.ValidationEpisodes).Select(episode => sampler.Draw(StepRandom.Create(seed, -1 - episode)))];

        // The copy lies in torch's own memory, whose alignment is always the same: so is then the rounding of matrix kernels.
        Tensor OnDevice(EpisodeRows rows) => tensor(rows.Features, [rows.Count, rows.Size]).clone().to(device).DetachFromDisposeScope();
    }

    public override nn.Module Network => _network;

    public override bool HasValidation => _validationFeatures is not null;

    public override Tensor ComputeLoss(long step, Random random)
    {
        Episode episode = _sampler.Draw(random);
        Tensor rows = _features.index_select(0, Index([.. episode.Support, .. episode.Queries], _features.device));  // (W * S + W * Q, D)
        if (_options.Rotations)
            rows = _augmentation!.Turn(rows, QuarterTurns(episode));
        if (_options.AffineJitter > 0)
            rows = _augmentation!.Jitter(rows, random);
        Tensor embeddings = _network.forward(rows);  // one pass: batch normalization sees support and queries together
        Tensor support = embeddings.narrow(0, 0, episode.Support.Length), queries = embeddings.narrow(0, episode.Support.Length, episode.Queries.Length);
        return _options.SupportInTurn
            ? EpisodeLoss.InTurn(support, queries, _sampler.Ways, _options.Distance, _options.Temperature)
            : EpisodeLoss.Of(support, queries, _sampler.Ways, _options.Distance, _options.Temperature);
    }

    public override double Validate()
    {
        const int Batch = 512;
        Tensor embeddings = cat([.. _validationFeatures!.split(Batch).Select(batch => _network.forward(batch))]);
        double sum = 0;
        foreach (Episode episode in _validationEpisodes)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor support = embeddings.index_select(0, Index(episode.Support, embeddings.device));
            Tensor queries = embeddings.index_select(0, Index(episode.Queries, embeddings.device));
            sum += EpisodeLoss.Of(support, queries, _validationWays, _options.Distance, _options.Temperature).item<float>();
        }

        return sum / _validationEpisodes.Length;
    }

    public void Dispose()
    {
        _features.Dispose();
        _augmentation?.Dispose();
        _validationFeatures?.Dispose();
    }

    // The classes repeat four times, once for each turn.
    private long[] QuarterTurns(Episode episode)
    {
        return [.. Turns(_options.Shots), .. Turns(_options.QueriesPerClass)];

        IEnumerable<long> Turns(int examples) => episode.Classes.SelectMany(index => Enumerable.Repeat((long)(index / _classes), examples));
    }

    private static Tensor Index(int[] rows, Device device) => tensor(Array.ConvertAll(rows, row => (long)row)).to(device);
}
