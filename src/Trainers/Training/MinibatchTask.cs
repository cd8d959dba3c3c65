using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>The loss of a network for inputs (B, D) and targets, a mean over the rows.</summary>
internal delegate Tensor MinibatchLoss(Tensor features, Tensor targets);

/// <summary>Minibatches of rows in an order that is drawn anew for every epoch.</summary>
internal sealed class MinibatchTask : TrainingTask, IDisposable
{
    private const int ValidationBatch = 256;

    private readonly MinibatchOptions _options;
    private readonly nn.Module _network;
    private readonly MinibatchLoss _loss;
    private readonly int _seed;
    private readonly (Tensor Features, Tensor Targets) _training;
    private readonly (Tensor Features, Tensor Targets)? _validation;
    private readonly long[] _order;
    private long _epoch = -1;

    /// <param name="options">Size of the batches, and the optimizer.</param>
    /// <param name="network">The network, on its device.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="device">Where the rows are put, once.</param>
    public MinibatchTask(MinibatchOptions options, nn.Module network, MinibatchLoss loss, MinibatchRows training, MinibatchRows? validation, int seed, Device device)
    {
        (_options, _network, _loss, _seed) = (options, network, loss, seed);
        _training = training.ToDevice(device);
        _validation = validation?.ToDevice(device);
        _order = new long[training.Count];
        StepsPerEpoch = Parts(training.Count, options.BatchSize);
    }

    public int StepsPerEpoch { get; }

    public override nn.Module Network => _network;

    public override bool HasValidation => _validation is not null;

    public override optim.Optimizer CreateOptimizer(double learningRate) => optim.Adam(_network.parameters(), learningRate, beta2: _options.Beta2);

    public override Tensor ComputeLoss(long step, Random random)
    {
        Shuffle(step / StepsPerEpoch);
        ReadOnlySpan<long> batch = Part(_order, StepsPerEpoch, (int)(step % StepsPerEpoch));
        int parts = _options.MicroBatchSize is { } size ? Parts(batch.Length, size) : 1;
        Tensor? sum = null;
        for (int part = 0; part < parts; part++)
        {
            ReadOnlySpan<long> rows = Part(batch, parts, part);
            Tensor index = tensor(rows.ToArray()).to(_training.Features.device);
            Tensor loss = _loss(_training.Features.index_select(0, index), _training.Targets.index_select(0, index));
            if (parts > 1)
                loss *= (double)rows.Length / batch.Length;
            sum = sum is null ? loss : sum + loss;
        }

        return _options.L2 > 0 ? sum! + (_options.L2 * SquaredKernels()) : sum!;
    }

    public override double Validate()
    {
        (Tensor features, Tensor targets) = _validation!.Value;
        double sum = 0;
        foreach ((Tensor input, Tensor target) in features.split(ValidationBatch).Zip(targets.split(ValidationBatch)))
            sum += _loss(input, target).item<float>() * input.shape[0];
        return sum / features.shape[0];
    }

    public void Dispose()
    {
        _training.Features.Dispose();
        _training.Targets.Dispose();
        _validation?.Features.Dispose();
        _validation?.Targets.Dispose();
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
