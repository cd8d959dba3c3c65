using Microsoft.ML.Runtime;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>Learns encoder, flow and decoder by the bound, and says after each epoch how much the codes carry.</summary>
internal sealed class FlowTask : MinibatchLossTask
{
    private readonly FlowOptions _options;
    private readonly IChannel _channel;
    private readonly Progress _progress;

    public FlowTask(FlowOptions options, FlowModule network, BatchSource rows, BatchSource? validation, FlowModel flow, int seed, IChannel channel)
        : this(options, network, rows, validation, flow, seed, channel, new(options))
    {
    }

    private FlowTask(
        FlowOptions options, FlowModule network, BatchSource rows, BatchSource? validation, FlowModel flow, int seed, IChannel channel, Progress progress)
        : base(options, network, (batch, noise) => Loss(network, batch, noise, flow, progress), rows, validation, seed) =>
        (_options, _channel, _progress) = (options, channel, progress);

    public override void Step(TrainingStep step)
    {
        _progress.Weight = WeightAt(step.Number, _options.AnnealingSteps);
        base.Step(step);
        if ((step.Number + 1) % StepsPerEpoch == 0)
            _channel.Info(MessageSensitivity.None, FormattableString.Invariant($"Epoch {(step.Number + 1) / StepsPerEpoch}: {_progress.Take()}."));
    }

    /// <summary>What ln p(x, z) is multiplied by at a step (equation 20).</summary>
    public static double WeightAt(long step, int annealingSteps) => annealingSteps == 0 ? 1 : Math.Min(1, 0.01 + ((double)step / annealingSteps));

    // Rows that are validated have the noise of bounds, one after the other, and all of the loss.
    private static Tensor Loss(FlowModule network, Batch batch, Noise? noise, FlowModel flow, Progress progress)
    {
        long size = flow.Size;
        if (noise is not null)
        {
            FlowPass pass = network.Pass(batch.Inputs, noise.Normal(batch.Count, size));
            progress.Add(pass);
            return pass.Loss(progress.Weight);
        }

        Tensor samples = tensor(flow.Noise, [flow.Samples, size]).to(batch.Inputs.device);
        Tensor places = arange(batch.Count, dtype: ScalarType.Int64, device: batch.Inputs.device);
        using Scalar count = flow.Samples;
        return network.Pass(batch.Inputs, samples.index_select(0, places.remainder(count))).Loss(1);
    }

    /// <summary>What was seen of the codes of an epoch.</summary>
    private sealed class Progress(FlowOptions options)
    {
        private readonly FlowStatistics _statistics = new(options.CodeSize);

        public double Weight { get; set; } = 1;

        public void Add(FlowPass pass)
        {
            using DisposeScope scope = NewDisposeScope();
            float[] means = Values(pass.Means), logs = Values(pass.LogDeviations), codes = Values(pass.Codes), divergences = Values(pass.Divergences);
            int size = options.CodeSize;
            for (int row = 0; row < divergences.Length; row++)
            {
                // A drawn code differs from itself: what is known of a row is the mean.
                _statistics.Add(means.AsSpan(row * size, size), logs.AsSpan(row * size, size), means.AsSpan(row * size, size), divergences[row]);
            }
        }

        public FlowAutoencoderHealth Take()
        {
            FlowAutoencoderHealth health = _statistics.Health;
            _statistics.Clear();
            return health;
        }

        private static float[] Values(Tensor tensor) => [.. tensor.detach().cpu().contiguous().data<float>()];
    }
}
