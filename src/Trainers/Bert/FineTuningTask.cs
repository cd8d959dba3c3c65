using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>Section 3.2 of the paper: the encoder and a new linear layer follow the loss of a task, all weights together.</summary>
internal sealed class FineTuningTask : TrainingTask
{
    private const int ValidationBatch = 64;

    private readonly BertFineTuningOptions _options;
    private readonly FineTunedNetwork _network;
    private readonly FineTuningRows _rows;
    private readonly int[] _training;
    private readonly FineTuningRows _held;
    private readonly int[] _validation;
    private readonly LengthBatches _batches;

    /// <param name="options">How training goes.</param>
    /// <param name="network">The network, on its device.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="training">The sequences to train on.</param>
    /// <param name="held">Rows to validate on.</param>
    /// <param name="validation">Their sequences to validate on; none for no validation.</param>
    /// <param name="seed">Seed of the order.</param>
    public FineTuningTask(
        BertFineTuningOptions options, FineTunedNetwork network, FineTuningRows rows, int[] training, FineTuningRows held, int[] validation, int seed)
    {
        (_options, _network, _rows, _training, _held, _validation) = (options, network, rows, training, held, validation);
        _batches = new LengthBatches(Array.ConvertAll(training, rows.Sequences.Length), options.BatchSize, seed);
        var player = new Player(network.Weights, options.OptimizerSettings);
        if (options.LayerDecay < 1)
            player.Optimizer.ScaleRates(name => Math.Pow(options.LayerDecay, network.Depth(name)));
        Players = [player];
    }

    /// <summary>Steps of an epoch.</summary>
    public int StepsPerEpoch => _batches.Count;

    public override nn.Module Network => _network.Weights;

    public override IReadOnlyList<Player> Players { get; }

    public override bool HasValidation => _validation.Length > 0;

    public override void Step(TrainingStep step)
    {
        int[] sequences = Array.ConvertAll(_batches.At(step.Number), item => _training[item]);
        step.Descend(_network.Loss(_rows, sequences, new DropoutNoise(_options.Dropout, step.Noise)));
    }

    public override double Validate()
    {
        double sum = 0;
        long items = 0;
        foreach (int[] batch in LengthBatches.InOrder(Array.ConvertAll(_validation, _held.Sequences.Length), ValidationBatch))
        {
            Check();
            using DisposeScope scope = NewDisposeScope();
            int[] sequences = Array.ConvertAll(batch, item => _validation[item]);
            int count = sequences.Sum(_held.Items);
            sum += (double)_network.Loss(_held, sequences, default).item<float>() * count;
            items += count;
        }

        return sum / items;
    }
}
