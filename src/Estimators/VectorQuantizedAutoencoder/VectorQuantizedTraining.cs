using Microsoft.ML.Runtime;
using MLNet.Papers.Codes;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Training;
using TorchSharp;
using static System.FormattableString;

namespace MLNet.Papers.VectorQuantizedAutoencoder;

/// <summary>Learns an autoencoder with a codebook, and then, if it is asked for, what to draw codes from.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">How all is built and learned.</param>
/// <param name="rows">The rows.</param>
/// <param name="channel">The log.</param>
internal sealed class VectorQuantizedTraining(IHostEnvironment environment, VectorQuantizationOptions options, AutoencoderRows rows, IChannel channel)
{
    private readonly TorchDevice _device = TorchDevice.Of(environment);

    /// <summary>Learns the autoencoder alone.</summary>
    public (AutoencoderModel Model, Codebook Codebook) Run()
    {
        (AutoencoderModel model, Codebook codebook, _) = Run(priorEpochs: 0, priorChannels: 0);
        return (model, codebook);
    }

    /// <summary>Learns the autoencoder and what to draw codes from.</summary>
    /// <param name="priorEpochs">How often the latter goes through all rows; 0 for none.</param>
    /// <param name="priorChannels">Channels of its network.</param>
    /// <exception cref="InvalidOperationException">
    /// There are too few rows, it would take too much memory, or a loss or a weight is not finite; or the checkpoint belongs to another training.
    /// </exception>
    public (AutoencoderModel Model, Codebook Codebook, CodePrior? Prior) Run(int priorEpochs, int priorChannels)
    {
        LayeredArchitecture encoder = options.Encoder(rows.Layout.Input).RequireScorable(options.GetType().Name),
            decoder = options.Decoder(rows.Layout.Output).RequireScorable(options.GetType().Name);
        using var phases = new TrainingPhases(options, "phase", priorEpochs > 0 ? 2 : 1);
        Learned learned = Learn(phases, encoder, decoder);
        Codebook codebook = learned.Codebook(options);
        using var codes = new TrainingRows([new(TrainingRows.Inputs, codebook.Places)], (long)options.CacheMebibytes << 20, Check);
        codebook = codebook with { Uses = Assign(learned.Model, codebook, codes) };
        Report(codebook.Health);
        CodePrior? prior = priorEpochs > 0 ? LearnPrior(phases, codebook, codes, priorEpochs, priorChannels) : null;
        phases.End();
        return (learned.Model, codebook, prior);
    }

    private Learned Learn(TrainingPhases phases, LayeredArchitecture encoder, LayeredArchitecture decoder)
    {
        VectorQuantizationOptions own = phases.Next<VectorQuantizationOptions>();
        var training = new MinibatchTraining(environment, own);
        int seed = training.Seed;
        MinibatchTraining.RequireRows(rows.Rows.Count, rows.Validation?.Count);
        ValidationSplit split = ValidationSplit.Draw(rows.Rows.Count, rows.Validation is null ? own.ValidationFraction : 0, seed);
        int[] validated = rows.Validation is { } others ? [.. Enumerable.Range(0, others.Count)] : split.Validation;
        var batches = new RowBatches(rows.Rows, split.Training, _device);
        RowBatches? validation = validated.Length == 0 ? null : new(rows.Validation ?? rows.Rows, validated, _device);
        rows.Rows.ReportFile(channel);
        RequireMemory(own);
        return phases.Run(
            training.Fingerprint(batches, validation),
            () => training.Run(
                batches, validation, _device, [encoder, decoder], () => new VectorQuantizedModule(own, rows.Layout),
                network => new VectorQuantizedTask(own, network, batches, validation, seed, channel),
                network => new Learned(
                    new(rows.Layout, encoder, NetworkWeights.Of(encoder, network.Encoder), decoder, NetworkWeights.Of(decoder, network.Decoder)),
                    VectorsOf(network))),
            ModelState.WriteMembers, ModelState.ReadMembers<Learned>);
    }

    // The codebook, its moving sums, and what stands at its places in a batch.
    private void RequireMemory(VectorQuantizationOptions own)
    {
        (int height, int width) = own.Grid;
        double vectors = (double)own.CodebookSize * own.CodeDimension, found = (double)Math.Min(own.BatchSize, rows.Rows.Count) * height * width;
        TrainingMemory.Require(
            own, sizeof(float) * ((TrainingMemory.NumbersOfAWeight * vectors) + (found * own.CodeDimension * 8)),
            Invariant($"a codebook of {vectors:N0} numbers"));
    }

    private CodePrior LearnPrior(TrainingPhases phases, Codebook codebook, TrainingRows codes, int epochs, int channels)
    {
        VectorQuantizationOptions own = phases.Next<VectorQuantizationOptions>();
        (own.Epochs, own.Validation, own.ValidationFraction, own.MicroBatchSize) = (epochs, null, 0, null);
        own.Seed = StepRandom.Create(new MinibatchTraining(environment, options).Seed, -4_000_000).Next();
        var training = new MinibatchTraining(environment, own);
        LayeredArchitecture network = CodePrior.Architecture(codebook, channels).RequireScorable(options.GetType().Name);
        var batches = new RowBatches(codes, [.. Enumerable.Range(0, codes.Count)], _device);
        return phases.Run(
            training.Fingerprint(batches, null),
            () => training.Run(
                batches, null, _device, [network], () => new LayeredModule(network), module => CodePriorTraining.Loss(module, codebook, _device),
                module => new CodePrior(network, NetworkWeights.Of(network, module))),
            ModelState.WriteMembers, ModelState.ReadMembers<CodePrior>);
    }

    // The codes of all rows, and how often each is used.
    private long[] Assign(AutoencoderModel model, Codebook codebook, TrainingRows codes)
    {
        long[] uses = new long[codebook.Size];
        using EmbeddingScorer scorer = EmbeddingScorer.Create(model.Encoder, model.EncoderWeights, _device);
        RowLayout layout = model.Layout;
        int batch = Math.Min(model.Encoder.BatchSize, rows.Rows.Count), size = layout.InputSize;
        float[] inputs = new float[batch * size],
            encoded = new float[batch * codebook.Values],
            row = new float[layout.Size],
            numbers = new float[codebook.Places];
        uint[] nearest = new uint[codebook.Places];
        for (int first = 0; first < rows.Rows.Count; first += batch)
        {
            Check();
            int count = Math.Min(batch, rows.Rows.Count - first);
            for (int i = 0; i < count; i++)
            {
                rows.Rows.Read(first + i, TrainingRows.Inputs, row);
                layout.Read(row, inputs.AsSpan(i * size, size));
            }

            scorer.Embed(inputs, count, encoded);
            for (int i = 0; i < count; i++)
            {
                codebook.Nearest(encoded.AsSpan(i * codebook.Values, codebook.Values), nearest);
                for (int place = 0; place < nearest.Length; place++)
                {
                    uses[nearest[place]]++;
                    numbers[place] = nearest[place];
                }

                codes.Add(numbers);
            }
        }

        return uses;
    }

    private void Report(CodebookHealth health)
    {
        channel.Info(MessageSensitivity.None, $"Over all rows {health}.");
        if (!health.HasCollapsed)
            return;
        string wayOut = options switch
        {
            { Codebook: CodebookLearning.Frozen } => "Learn the codebook (CodebookLearning.MovingAverage)",
            { RestartUnusedCodes: false } => "Set RestartUnusedCodes",
            _ => "Raise Epochs or BatchSize, lower LearningRate, or lower CodebookSize to what the rows need",
        };
        channel.Warning(MessageSensitivity.None, $"The codebook has collapsed: over all rows {health}, so that codes say little of a row. {wayOut}.");
    }

    private void Check() => Host.ThrowIfCanceled(environment);

    private static float[] VectorsOf(VectorQuantizedModule network)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return network.Codebook.Vectors.detach().cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>What the first phase gives.</summary>
    private sealed record Learned(AutoencoderModel Model, float[] Vectors) : IModelRecord
    {
        public Codebook Codebook(VectorQuantizationOptions options) => new(
            options.CodebookSize, options.CodeDimension, options.Grid.Height, options.Grid.Width, Vectors, new long[options.CodebookSize]);
    }
}
