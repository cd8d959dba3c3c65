using Microsoft.ML.Runtime;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MLNet.Papers.Bert;

/// <summary>Trains an encoder and a new layer over it on the rows of a task.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">How training goes.</param>
internal sealed class FineTuning(IHostEnvironment environment, BertFineTuningOptions options)
{
    /// <summary>Trains.</summary>
    /// <param name="start">The encoder that it begins with.</param>
    /// <param name="text">The vectors of texts, where the new layer reads these; null where it reads those of pieces.</param>
    /// <param name="outputs">How many numbers the new layer gives.</param>
    /// <param name="rows">All rows that were given; those to validate on are taken from them if the options say so.</param>
    /// <param name="validation">Other rows to validate on, or null.</param>
    /// <returns>Both, as they were trained; without a pooler that nothing reads.</returns>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows, or a loss or a weight is not finite, or it takes too much memory.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public (BertModel Encoder, LinearHead Head) Run(BertModel start, TextVector? text, int outputs, FineTuningRows rows, FineTuningRows? validation)
    {
        BertArchitecture encoder = start.Architecture with { HasPooler = text is { ReadsPooler: true } };
        var head = new LinearArchitecture(text?.Size ?? encoder.HiddenSize, outputs);
        Device device = TorchDevice.Of(environment);
        int seed = options.SeedOf(environment);
        MinibatchTraining.RequireRows(rows.Count, validation?.Count);
        ValidationSplit split = ValidationSplit.Draw(rows.Count, validation is null ? options.ValidationFraction : 0, seed, rows.ClassOf);
        int[] training = SequencesOf(rows, split.Training);
        (FineTuningRows held, int[] validated) = validation is null
            ? (rows, SequencesOf(rows, split.Validation))
            : (validation, [.. Enumerable.Range(0, validation.Sequences.Count)]);
        RequireMemory(encoder, head, training.Max(rows.Sequences.Length), Math.Min(training.Length, options.BatchSize), device);
        using DisposeScope scope = NewDisposeScope();
        using FineTunedNetwork network = InitialWeights.Of(
            seed, () => new FineTunedNetwork(encoder, start.Weights, head, options.FrozenLayers, text, device));
        var task = new FineTuningTask(options, network, rows, training, held, validated, seed);
        long steps = (long)options.Epochs * task.StepsPerEpoch;
        string fingerprint = Invariant(
            $"{options.Fingerprint()} seed {seed} start {start.Weights.Hash():x16} rows {rows.Fingerprint()} validation {validation?.Fingerprint()}");
        new TrainingLoop(environment, new TrainingPlan(options, steps, seed, options.RatesOf(steps).At, fingerprint), task).Run();
        return (start with { Architecture = encoder, Weights = network.EncoderWeights() }, new LinearHead(head, network.HeadWeights()));
    }

    private static int[] SequencesOf(FineTuningRows rows, int[] chosen)
    {
        bool[] isChosen = new bool[rows.Count];
        foreach (int row in chosen)
            isChosen[row] = true;
        return [.. Enumerable.Range(0, rows.Sequences.Count).Where(sequence => isChosen[rows.Row(sequence)])];
    }

    // What the blocks that are trained keep of each piece for its gradient, and of the attention of each pair of pieces.
    private void RequireMemory(BertArchitecture encoder, LinearArchitecture head, long longest, long sequences, Device device)
    {
        double kept = Math.Max(1, encoder.Layers - options.FrozenLayers) * (
            (18.0 * encoder.HiddenSize) + (4.0 * encoder.InnerSize) + (5.0 * encoder.Heads * longest));
        TrainingMemory.Require(options, [encoder, head], 0, device, others: sequences * longest * kept);
    }
}
