using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static System.FormattableString;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>Learns a variational autoencoder with a flow, and then looks at all rows.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">How all is built and learned.</param>
/// <param name="rows">The rows.</param>
/// <param name="channel">The log.</param>
internal sealed class FlowTraining(IHostEnvironment environment, FlowOptions options, AutoencoderRows rows, IChannel channel)
{
    // What autograd keeps of a step of the flow, in codes.
    private const int CodesOfAStep = 12;

    private readonly TorchDevice _device = TorchDevice.Of(environment);
    private readonly MinibatchTraining _training = new(environment, options);

    /// <summary>Learns.</summary>
    /// <exception cref="InvalidOperationException">
    /// There are too few rows, it would take too much memory, or a loss or a weight is not finite; or the checkpoint belongs to another training.
    /// </exception>
    public (AutoencoderModel Model, FlowModel Flow) Run()
    {
        LayeredArchitecture encoder = options.Encoder(rows.Layout.Input).RequireScorable(options.GetType().Name),
            decoder = options.Decoder(rows.Layout.Output).RequireScorable(options.GetType().Name);
        MinibatchTraining.RequireRows(rows.Rows.Count, rows.Validation?.Count);
        ValidationSplit split = ValidationSplit.Draw(rows.Rows.Count, rows.Validation is null ? options.ValidationFraction : 0, _training.Seed);
        int[] validated = rows.Validation is { } others ? [.. Enumerable.Range(0, others.Count)] : split.Validation;
        var batches = new RowBatches(rows.Rows, split.Training, _device);
        RowBatches? validation = validated.Length == 0 ? null : new(rows.Validation ?? rows.Rows, validated, _device);
        rows.Rows.ReportFile(channel);
        double kept = (double)options.FlowLength * options.CodeSize * CodesOfAStep * Math.Min(options.BatchSize, rows.Rows.Count);
        TrainingMemory.Require(options, sizeof(float) * kept, Invariant($"a flow of {options.FlowLength} steps"));
        int seed = StepRandom.Create(_training.Seed, -6_000_000).Next();
        var flow = new FlowModel(
            options.CodeSize, options.Flow, options.FlowLength, options.Deviation, options.EvaluationSamples, seed, options.SharedFlow, [], 0,
            new double[options.CodeSize], 0);
        (AutoencoderModel model, float[] shared) = _training.Run(
            batches, validation, _device, [encoder, decoder], () => new FlowModule(options, rows.Layout, _training.Seed),
            network => new FlowTask(options, network, batches, validation, flow, _training.Seed, channel),
            network => (
                new AutoencoderModel(rows.Layout, encoder, NetworkWeights.Of(encoder, network.Encoder), decoder, NetworkWeights.Of(decoder, network.Decoder)),
                network.Shared));
        flow = flow with { Shared = shared };
        FlowAutoencoderHealth health = HealthOf(model, flow);
        Report(health);
        return (model, flow with { Kl = health.Kl, UnitKl = [.. health.UnitKl], ActiveUnits = health.ActiveUnits });
    }

    /// <summary>The codes of all rows, one after the other.</summary>
    public float[] Codes(AutoencoderModel model, FlowModel flow)
    {
        var codes = new FlowCodes(flow);
        float[] all = new float[checked(rows.Rows.Count * flow.Size)];
        ForEachBatch(model, flow, (first, count, encoded, _) =>
        {
            for (int i = 0; i < count; i++)
                codes.ToLatent(encoded.AsSpan(i * flow.EncodedSize, flow.EncodedSize), all.AsSpan((first + i) * flow.Size, flow.Size));
        });
        return all;
    }

    /// <summary>The bounds of all rows.</summary>
    public float[] Bounds(AutoencoderModel model, FlowModel flow)
    {
        using EmbeddingScorer decoder = model.CreateDecoder(_device);
        var bounds = new FlowBounds(model, flow, decoder, Math.Min(model.BatchSize, rows.Rows.Count));
        float[] all = new float[rows.Rows.Count];
        ForEachBatch(model, flow, (first, count, encoded, prepared) => bounds.Score(count, encoded, prepared, all.AsSpan(first, count)));
        return all;
    }

    /// <summary>What codes are drawn from; null for N(0, I).</summary>
    public GaussianMixture? Prior(AutoencoderModel model, FlowModel flow, int components) => components == 0
        ? null
        : GaussianMixtureFitting.Fit(Codes(model, flow), flow.Size, components, StepRandom.Create(_training.Seed, -7_000_000), Check);

    private FlowAutoencoderHealth HealthOf(AutoencoderModel model, FlowModel flow)
    {
        var codes = new FlowCodes(flow);
        var statistics = new FlowStatistics(flow.Size);
        float[] code = new float[flow.Size], drawn = new float[flow.Size];
        ForEachBatch(model, flow, (_, count, encoded, _) =>
        {
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> own = encoded.AsSpan(i * flow.EncodedSize, flow.EncodedSize);
                codes.ToLatent(own, code);
                double divergence = 0;
                for (int sample = 0; sample < flow.Samples; sample++)
                    divergence += codes.Draw(own, flow.Noise.AsSpan(sample * flow.Size, flow.Size), drawn) / flow.Samples;
                statistics.Add(own[..flow.Size], own.Slice(flow.Size, flow.Size), code, divergence);
            }
        });
        return statistics.Health;
    }

    private void ForEachBatch(AutoencoderModel model, FlowModel flow, Action<int, int, float[], float[]> see)
    {
        using EmbeddingScorer encoder = model.CreateEncoder(_device);
        RowLayout layout = model.Layout;
        int capacity = Math.Min(model.BatchSize, rows.Rows.Count);
        float[] row = new float[layout.Size], prepared = new float[capacity * layout.InputSize], encoded = new float[capacity * flow.EncodedSize];
        for (int first = 0; first < rows.Rows.Count; first += capacity)
        {
            Check();
            int count = Math.Min(capacity, rows.Rows.Count - first);
            for (int i = 0; i < count; i++)
            {
                rows.Rows.Read(first + i, TrainingRows.Inputs, row);
                layout.Read(row, prepared.AsSpan(i * layout.InputSize, layout.InputSize));
            }

            encoder.Embed(prepared, count, encoded);
            see(first, count, encoded, prepared);
        }
    }

    private void Report(FlowAutoencoderHealth health)
    {
        channel.Info(MessageSensitivity.None, $"Over all rows {health}.");
        if (!health.HasCollapsed)
            return;
        string wayOut = options.Likelihood == Likelihood.Gaussian ? "Lower Deviation" : "Raise HiddenUnits or Channels";
        channel.Warning(
            MessageSensitivity.None,
            $"The posterior has collapsed: over all rows {health}, so that codes say nothing of a row. {wayOut}, raise Epochs, or lower LearningRate.");
    }

    private void Check() => Host.ThrowIfCanceled(environment);
}
