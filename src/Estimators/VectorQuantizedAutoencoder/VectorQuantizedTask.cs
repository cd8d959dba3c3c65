using Microsoft.ML.Runtime;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.VectorQuantizedAutoencoder;

/// <summary>Learns encoder and decoder by their loss, and after each step the codebook of what was assigned to it in that step.</summary>
internal sealed class VectorQuantizedTask : MinibatchLossTask
{
    private const int BeginningUses = 10;
    private const int BeginningBatch = 256;

    private readonly VectorQuantizationOptions _options;
    private readonly VectorQuantizedModule _network;
    private readonly BatchSource _rows;
    private readonly int _seed;
    private readonly IChannel _channel;
    private readonly Assignments _assignments;
    private readonly long[] _uses;

    public VectorQuantizedTask(
        VectorQuantizationOptions options, VectorQuantizedModule network, BatchSource rows, BatchSource? validation, int seed, IChannel channel)
        : this(options, network, rows, validation, seed, channel, new())
    {
    }

    private VectorQuantizedTask(
        VectorQuantizationOptions options, VectorQuantizedModule network, BatchSource rows, BatchSource? validation, int seed, IChannel channel,
        Assignments assignments)
        : base(options, network, (batch, noise) => network.Loss(batch.Inputs, noise is null ? null : assignments.Add), rows, validation, seed)
    {
        (_options, _network, _rows, _seed, _channel, _assignments) = (options, network, rows, seed, channel, assignments);
        _uses = new long[options.CodebookSize];
    }

    public override void Begin()
    {
        (int height, int width) = _options.Grid;
        Random random = StepRandom.Create(_seed, -3_000_000);
        int places = height * width,
            most = Math.Max(_options.BatchSize, (int)Math.Min(_rows.Count, ((long)BeginningUses * _options.CodebookSize / places) + 1));
        int[] items = EpochOrder.Shuffled(_rows.Count, random)[..Math.Min(most, _rows.Count)];
        List<Tensor> found = [];
        foreach (int[] part in items.Chunk(BeginningBatch))
        {
            Check();
            found.Add(_network.Encode(_rows.Draw(part, random).Inputs));
        }

        _network.Codebook.Begin(cat(found), random, Check);
    }

    public override void Step(TrainingStep step)
    {
        base.Step(step);
        (Tensor found, Tensor nearest) = _assignments.Take();
        (Tensor counts, Tensor sums) = CodebookModule.Sum(found, nearest, _uses.Length);
        _network.Codebook.Learn(counts, sums, found, step.Random);
        Count(counts);
        if ((step.Number + 1) % StepsPerEpoch == 0)
            Report((step.Number + 1) / StepsPerEpoch);
    }

    private void Count(Tensor counts)
    {
        Tensor here = counts.cpu();
        ReadOnlySpan<float> own = here.data<float>().ToArray();
        for (int code = 0; code < own.Length; code++)
            _uses[code] += (long)own[code];
    }

    private void Report(long epoch)
    {
        _channel.Info(MessageSensitivity.None, FormattableString.Invariant($"Epoch {epoch}: {CodebookHealth.Of(_uses)}."));
        Array.Clear(_uses);
    }

    /// <summary>What was assigned in a step, whose parts may have gone through the network one after the other.</summary>
    private sealed class Assignments
    {
        private readonly List<(Tensor Found, Tensor Nearest)> _parts = [];

        public void Add(Tensor found, Tensor nearest) => _parts.Add((found.detach().MoveToOuterDisposeScope(), nearest.MoveToOuterDisposeScope()));

        public (Tensor Found, Tensor Nearest) Take()
        {
            (Tensor, Tensor) all = _parts is [var only] ? only : (cat([.. _parts.Select(part => part.Found)]), cat([.. _parts.Select(part => part.Nearest)]));
            _parts.Clear();
            return all;
        }
    }
}
