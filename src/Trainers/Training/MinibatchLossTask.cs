using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>The loss of a network for a batch, a mean over its items.</summary>
/// <param name="batch">The batch.</param>
/// <param name="noise">What training draws from; null where it is validated.</param>
internal delegate Tensor MinibatchLoss(Batch batch, Noise? noise);

/// <summary>A network that follows one loss of minibatches.</summary>
internal class MinibatchLossTask : MinibatchTask
{
    private readonly MinibatchOptions _options;
    private readonly MinibatchLoss _loss;
    private readonly BatchSource? _validation;
    private readonly Player _player;
    private readonly int _seed;

    /// <param name="options">Size of the batches and of their parts, the optimizer, and the penalty of large kernels.</param>
    /// <param name="network">The network, on its device.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="training">The rows to train on.</param>
    /// <param name="validation">The rows to validate on, or null.</param>
    /// <param name="seed">Seed of the order.</param>
    public MinibatchLossTask(MinibatchOptions options, nn.Module network, MinibatchLoss loss, BatchSource training, BatchSource? validation, int seed)
        : base(options, network, training, seed)
    {
        (_options, _loss, _validation, _seed) = (options, loss, validation, seed);
        _player = new Player(network, options.OptimizerSettings);
    }

    public override IReadOnlyList<Player> Players => [_player];

    public override bool HasValidation => _validation is not null;

    public override void Step(TrainingStep step)
    {
        int parts = PartsOf(step, _options.MicroBatchSize);
        for (int part = 0; part < parts; part++)
        {
            Check();
            // What a part's gradient needs is freed before the next part.
            using DisposeScope scope = NewDisposeScope();
            (Batch batch, double share) = Draw(step, part, parts);
            Tensor value = _loss(batch, step.Noise);
            step.Add(_player, parts > 1 ? value.Times(share) : value);
        }

        if (_options.L2 > 0)
            step.Add(_player, SquaredKernels().Times(_options.L2));
        step.Move(_player);
    }

    public override double Validate()
    {
        double sum = 0;
        var random = new Random(_seed);
        foreach (int[] rows in Enumerable.Range(0, _validation!.Count).Chunk(_validation.ValidatedAtOnce(_options.BatchSize)))
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            sum += _loss(_validation.Draw(rows, random), null).item<float>() * rows.Length;
        }

        return sum / _validation.Count;
    }

    private Tensor SquaredKernels() =>
        _player.Weights.Where(weight => weight.dim() > 1).Select(kernel => kernel.square().sum()).Aggregate((sum, next) => sum + next);
}
