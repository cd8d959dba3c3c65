using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Minibatches of rows in an order that is drawn anew for every epoch.</summary>
internal abstract class MinibatchTask : TrainingTask
{
    private readonly int _seed;
    private readonly MinibatchSource _training;
    private readonly long[] _order;
    private long _epoch = -1;

    /// <param name="options">Size of the batches.</param>
    /// <param name="network">The network, on its device.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="seed">Seed of the order.</param>
    protected MinibatchTask(MinibatchOptions options, nn.Module network, MinibatchSource training, int seed)
    {
        (Network, _seed, _training) = (network, seed, training);
        _order = new long[training.Count];
        StepsPerEpoch = Parts(training.Count, options.BatchSize);
    }

    public int StepsPerEpoch { get; }

    public override nn.Module Network { get; }

    /// <summary>The rows of a step, or a part of them: inputs (B, D), targets, and what share of the step's rows they are.</summary>
    protected (Tensor Inputs, Tensor Targets, double Share) Draw(TrainingStep step, int part = 0, int parts = 1)
    {
        ReadOnlySpan<long> batch = Rows(step), rows = Part(batch, parts, part);
        (Tensor inputs, Tensor targets) = _training.Draw(rows, step.Random);
        return (inputs, targets, (double)rows.Length / batch.Length);
    }

    /// <summary>In how many parts of about a size the rows of a step go through the network.</summary>
    protected int PartsOf(TrainingStep step, int? size) => size is { } rows ? Parts(Rows(step).Length, rows) : 1;

    private ReadOnlySpan<long> Rows(TrainingStep step)
    {
        Shuffle(step.Number / StepsPerEpoch);
        return Part(_order, StepsPerEpoch, (int)(step.Number % StepsPerEpoch));
    }

    // Depends on the epoch alone, so that a resumed training goes on in the same order.
    private void Shuffle(long epoch)
    {
        if (_epoch == epoch)
            return;
        for (int row = 0; row < _order.Length; row++)
            _order[row] = row;
        StepRandom.Create(_seed, -2 - epoch).Shuffle(_order);
        _epoch = epoch;
    }

    private static int Parts(int count, int size) => Math.Max(1, count / size);

    private static ReadOnlySpan<long> Part(ReadOnlySpan<long> rows, int parts, int part)
    {
        int first = (int)((long)rows.Length * part / parts), end = (int)((long)rows.Length * (part + 1) / parts);
        return rows[first..end];
    }
}
