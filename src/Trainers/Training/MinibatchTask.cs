using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Batches of items in an order that is drawn anew for every epoch.</summary>
internal abstract class MinibatchTask : TrainingTask
{
    private readonly BatchSource _training;
    private readonly EpochOrder<int[][]> _order;

    /// <param name="options">Size of the batches.</param>
    /// <param name="network">The network, on its device.</param>
    /// <param name="training">What to train on.</param>
    /// <param name="seed">Seed of the order.</param>
    protected MinibatchTask(MinibatchOptions options, nn.Module network, BatchSource training, int seed)
    {
        (Network, _training) = (network, training);
        StepsPerEpoch = Parts(training.Count, options.BatchSize);
        _order = new(seed, StepsPerEpoch, random => training.Order(StepsPerEpoch, random));
    }

    public int StepsPerEpoch { get; }

    public override nn.Module Network { get; }

    /// <summary>What a step learns from, or a part of it; and what share of the step's items it has.</summary>
    protected (Batch Batch, double Share) Draw(TrainingStep step, int part = 0, int parts = 1)
    {
        int[] items = Items(step);
        ArraySegment<int> own = BatchSource.Part(items, parts, part);
        return (_training.Draw(own, step.Random), (double)own.Count / items.Length);
    }

    /// <summary>In how many parts of about a size the items of a step go through the network.</summary>
    protected int PartsOf(TrainingStep step, int? size) => size is { } rows ? Parts(Items(step).Length, rows) : 1;

    private int[] Items(TrainingStep step)
    {
        (int[][] batches, long number) = _order.At(step.Number);
        return batches[number];
    }

    private static int Parts(int count, int size) => Math.Max(1, count / size);
}
