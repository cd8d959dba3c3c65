using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Episodes;

/// <summary>Episodes over rows on a device: each from one partition, drawn uniformly and whatever its number of classes.</summary>
internal sealed class EpisodeSource : IDisposable
{
    private readonly FewShotOptions _options;
    private readonly EpisodeSampler[] _samplers;
    private readonly int[] _classes;
    private readonly bool _augments;
    private readonly ImageAugmentation? _augmentation;

    /// <param name="options">How episodes are drawn.</param>
    /// <param name="rows">The rows, which are put on the device once.</param>
    /// <param name="device">The device.</param>
    /// <param name="augments">Whether images are turned and distorted as the options say.</param>
    public EpisodeSource(FewShotOptions options, EpisodeRows rows, Device device, bool augments)
    {
        _options = options;
        _augments = augments;
        int turns = augments ? options.Turns : 1;
        Ways = rows.Ways(options, turns);
        _classes = [.. rows.Partitions.Select(partition => partition.Count)];
        _samplers =
        [
            .. rows.Partitions.Select(partition => new EpisodeSampler(
                [.. Enumerable.Repeat(partition, turns).SelectMany(classes => classes)], Ways, options.Shots, options.QueriesPerClass)),
        ];
        // The copy lies in torch's own memory, whose alignment is always the same: so is then the rounding of matrix kernels.
        using (NewDisposeScope())
            Features = tensor(rows.Features, [rows.Count, rows.Size]).clone().to(device).DetachFromDisposeScope();
        _augmentation = augments && options.ImageShape is { } shape && (options.Rotations || options.AffineJitter > 0)
            ? new ImageAugmentation(shape, options.AffineJitter, device)
            : null;
    }

    /// <summary>W, classes in an episode.</summary>
    public int Ways { get; }

    /// <summary>All rows, (N, D).</summary>
    public Tensor Features { get; }

    /// <summary>What an episode to validate on is drawn from: the same ones come in every validation.</summary>
    public static Random ValidationRandom(int seed, int episode) => StepRandom.Create(seed, -1 - episode);

    /// <summary>Draws an episode.</summary>
    /// <returns>The episode, and its rows (W × S + W × Q, D), turned and distorted.</returns>
    public (Episode Episode, Tensor Rows) Draw(Random random)
    {
        (int partition, Episode episode) = DrawRows(random);
        Tensor rows = Rows([.. episode.Support, .. episode.Queries]);
        if (_augments && _options.Rotations)
            rows = _augmentation!.Turn(rows, QuarterTurns(episode, _classes[partition]));
        if (_augmentation is not null && _options.AffineJitter > 0)
            rows = _augmentation.Jitter(rows, random);
        return (episode, rows);
    }

    /// <summary>Draws an episode and leaves its rows alone.</summary>
    public (int Partition, Episode Episode) DrawRows(Random random)
    {
        int partition = _samplers.Length == 1 ? 0 : random.Next(_samplers.Length);
        return (partition, _samplers[partition].Draw(random));
    }

    /// <summary>Some of the rows, (B, D).</summary>
    public Tensor Rows(int[] rows) => Features.index_select(0, tensor(Array.ConvertAll(rows, row => (long)row)).to(Features.device));

    public void Dispose()
    {
        Features.Dispose();
        _augmentation?.Dispose();
    }

    // The classes repeat four times, once for each turn.
    private long[] QuarterTurns(Episode episode, int classes)
    {
        return [.. Turns(_options.Shots), .. Turns(_options.QueriesPerClass)];

        IEnumerable<long> Turns(int examples) => episode.Classes.SelectMany(index => Enumerable.Repeat((long)(index / classes), examples));
    }
}
