using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Where batches come from.</summary>
internal abstract class BatchSource
{
    /// <summary>How many items there are: rows, or sequences of rows.</summary>
    public abstract int Count { get; }

    /// <summary>Some items on the device of the network.</summary>
    /// <param name="items">Their numbers, from 0.</param>
    /// <param name="random">What to draw from where something about an item is random.</param>
    public abstract Batch Draw(ReadOnlySpan<int> items, Random random);

    /// <summary>A text that differs for other items, or for what else is in them.</summary>
    public abstract string Fingerprint();

    /// <summary>How many items go through the network at once where it is validated.</summary>
    /// <param name="batchSize">How many there are in a step: memory was counted for them, where an item is long.</param>
    public virtual int ValidatedAtOnce(int batchSize) => 256;

    /// <summary>Divides all items among the batches of an epoch.</summary>
    /// <param name="batches">How many batches there are.</param>
    /// <param name="random">What the order is drawn from.</param>
    public virtual int[][] Order(int batches, Random random) => Cut(EpochOrder.Shuffled(Count, random), batches);

    /// <summary>Cuts items into parts of about one size.</summary>
    protected static int[][] Cut(int[] items, int parts) => [.. Enumerable.Range(0, parts).Select(part => Part(items, parts, part).ToArray())];

    /// <summary>One of some parts of about one size.</summary>
    public static ArraySegment<int> Part(int[] items, int parts, int part)
    {
        int first = (int)((long)items.Length * part / parts), end = (int)((long)items.Length * (part + 1) / parts);
        return new(items, first, end - first);
    }
}

/// <summary>Batches of some of the rows: of each part (B, its size), of classes (B).</summary>
/// <param name="rows">The rows.</param>
/// <param name="numbers">Which of them.</param>
/// <param name="device">The device of the network.</param>
/// <param name="change">Changes what is drawn; null for nothing.</param>
internal sealed class RowBatches(TrainingRows rows, int[] numbers, Device device, RowChange? change = null) : BatchSource
{
    private readonly RowGathering _gathering = new(rows, device, change);

    public override int Count => numbers.Length;

    public override Batch Draw(ReadOnlySpan<int> items, Random random)
    {
        int[] drawn = new int[items.Length];
        for (int i = 0; i < drawn.Length; i++)
            drawn[i] = numbers[items[i]];
        return new(items.Length, _gathering.Gather(drawn, [drawn.Length], random));
    }

    public override string Fingerprint() => FormattableString.Invariant($"{numbers.Length} × {rows.Size} {rows.Hash(numbers):x16}");
}

/// <summary>Batches of sequences of rows: windows of a series, trajectories of an agent, texts. Of each part (B, T, its size), of classes (B, T).</summary>
/// <param name="rows">The rows.</param>
/// <param name="sequences">Where each sequence begins, and how many rows it has; at least 1.</param>
/// <param name="device">The device of the network.</param>
internal sealed class SequenceBatches(TrainingRows rows, IReadOnlyList<(int First, int Length)> sequences, Device device) : BatchSource
{
    /// <summary>The name of what says which places are a sequence's own, Boolean (B, T); what stands behind its end is zeros.</summary>
    public const string Places = "places";

    private readonly RowGathering _gathering = new(rows, device);

    public override int Count => sequences.Count;

    /// <summary>The windows of a series: as many as fit, from each its first row on.</summary>
    /// <param name="first">The first row of the series.</param>
    /// <param name="count">Its rows.</param>
    /// <param name="length">Rows of a window.</param>
    /// <param name="stride">Rows from one window to the next.</param>
    public static IEnumerable<(int First, int Length)> Windows(int first, int count, int length, int stride = 1)
    {
        for (int start = first; start + length <= first + count; start += stride)
            yield return (start, length);
    }

    public override Batch Draw(ReadOnlySpan<int> items, Random random)
    {
        int longest = 0;
        foreach (int item in items)
            longest = Math.Max(longest, sequences[item].Length);
        int[] drawn = new int[checked(items.Length * longest)];
        bool[] places = new bool[drawn.Length];
        for (int i = 0; i < drawn.Length; i++)
        {
            (int first, int length) = sequences[items[i / longest]];
            places[i] = i % longest < length;
            drawn[i] = places[i] ? first + (i % longest) : -1;
        }

        Dictionary<string, Tensor> tensors = _gathering.Gather(drawn, [items.Length, longest], random);
        tensors.Add(Places, tensor(places, [items.Length, longest]).to(device));
        return new(items.Length, tensors);
    }

    public override string Fingerprint()
    {
        int[] all = [.. sequences.SelectMany(sequence => Enumerable.Range(sequence.First, sequence.Length))];
        IEnumerable<string> lengths = sequences.GroupBy(sequence => sequence.Length).Select(alike => $"{alike.Count()} × {alike.Key}");
        return FormattableString.Invariant($"{sequences.Count} sequences {string.Join(' ', lengths)} {rows.Hash(all):x16}");
    }
}

/// <summary>Changes a part of a row that is drawn.</summary>
/// <param name="part">The part.</param>
/// <param name="values">Its numbers.</param>
/// <param name="random">What to draw from.</param>
internal delegate void RowChange(RowPart part, Span<float> values, Random random);

/// <summary>Puts rows beside each other, on the device of the network, each part under its name.</summary>
/// <param name="rows">The rows.</param>
/// <param name="device">The device.</param>
/// <param name="change">Changes what is drawn; null for nothing.</param>
internal sealed class RowGathering(TrainingRows rows, Device device, RowChange? change = null)
{
    private readonly Dictionary<string, float[]> _buffers = [];

    /// <summary>Gathers rows.</summary>
    /// <param name="drawn">Their numbers; -1 for none, which is zeros.</param>
    /// <param name="shape">How they stand beside each other.</param>
    /// <param name="random">What to draw from where they are changed.</param>
    public Dictionary<string, Tensor> Gather(ReadOnlySpan<int> drawn, long[] shape, Random random)
    {
        foreach (RowPart part in rows.Parts)
        {
            int size = part.DrawnSize;
            if (_buffers.GetValueOrDefault(part.Name) is not { } buffer || buffer.Length < drawn.Length * size)
                _buffers[part.Name] = buffer = new float[drawn.Length * size];
            for (int i = 0; i < drawn.Length; i++)
            {
                Span<float> values = buffer.AsSpan(i * size, size);
                if (part.Classes > 0 || drawn[i] < 0)
                    values.Clear();
                if (drawn[i] < 0)
                    continue;
                if (part.Classes == 0)
                    rows.Read(drawn[i], part.Name, values);
                else if (rows.ClassOf(drawn[i], part.Name) is var known and >= 0)
                    values[known] = 1;
                change?.Invoke(part, values, random);
            }
        }

        int count = drawn.Length;
        return rows.Parts.ToDictionary(part => part.Name, part => part.IsClass && part.Classes == 0
            ? tensor(Array.ConvertAll(_buffers[part.Name][..count], value => (long)value), shape).to(device)
            // Copied to torch's own memory, whose alignment and so the rounding of matrix kernels is always the same.
            : frombuffer(_buffers[part.Name], ScalarType.Float32, (long)count * part.DrawnSize).view([.. shape, part.DrawnSize]).clone().to(device));
    }
}
