using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>The loss of a network for inputs (B, D) and targets, a mean over the rows.</summary>
internal delegate Tensor MinibatchLoss(Tensor features, Tensor targets);

/// <summary>Minibatches of rows in an order that is drawn anew for every epoch.</summary>
internal sealed class MinibatchTask : TrainingTask
{
    private const int ValidationBatch = 256;

    private readonly MinibatchOptions _options;
    private readonly nn.Module _network;
    private readonly MinibatchLoss _loss;
    private readonly int _seed;
    private readonly MinibatchSource _training;
    private readonly MinibatchSource? _validation;
    private readonly long[] _order;
    private long _epoch = -1;

    /// <param name="options">Size of the batches, and the optimizer.</param>
    /// <param name="network">The network, on its device.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="seed">Seed of the order.</param>
    public MinibatchTask(MinibatchOptions options, nn.Module network, MinibatchLoss loss, MinibatchSource training, MinibatchSource? validation, int seed)
    {
        (_options, _network, _loss, _seed, _training, _validation) = (options, network, loss, seed, training, validation);
        _order = new long[training.Count];
        StepsPerEpoch = Parts(training.Count, options.BatchSize);
    }

    public int StepsPerEpoch { get; }

    public override nn.Module Network => _network;

    public override bool HasValidation => _validation is not null;

    public override NetworkOptimizer CreateOptimizer() => _options.CreateOptimizer(_network);

    public override Tensor ComputeLoss(long step, Random random)
    {
        Shuffle(step / StepsPerEpoch);
        ReadOnlySpan<long> batch = Part(_order, StepsPerEpoch, (int)(step % StepsPerEpoch));
        int parts = _options.MicroBatchSize is { } size ? Parts(batch.Length, size) : 1;
        Tensor? sum = null;
        for (int part = 0; part < parts; part++)
        {
            Check();
            ReadOnlySpan<long> rows = Part(batch, parts, part);
            (Tensor features, Tensor targets) = _training.Draw(rows, random);
            Tensor loss = _loss(features, targets);
            if (parts > 1)
                loss = loss.Times((double)rows.Length / batch.Length);
            sum = sum is null ? loss : sum + loss;
        }

        return _options.L2 > 0 ? sum! + SquaredKernels().Times(_options.L2) : sum!;
    }

    public override double Validate()
    {
        double sum = 0;
        var random = new Random(_seed);
        foreach (long[] rows in Enumerable.Range(0, _validation!.Count).Select(row => (long)row).Chunk(ValidationBatch))
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            (Tensor features, Tensor targets) = _validation.Draw(rows, random);
            sum += _loss(features, targets).item<float>() * rows.Length;
        }

        return sum / _validation.Count;
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

    private Tensor SquaredKernels() => _network.parameters().Where(parameter => parameter.dim() > 1).Select(kernel => kernel.square().sum()).Aggregate((sum, next) => sum + next);
}
