using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Training;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MLNet.Papers.Series;

/// <summary>Series of unequal lengths with what a network shall give for each, in a cache.</summary>
internal sealed class SeriesRows : IDisposable
{
    private readonly TrainingRows _steps;
    private readonly TrainingRows _targets;
    private readonly List<(int First, int Length)> _series = [];
    private readonly int _channels;

    /// <param name="column">What a network reads.</param>
    /// <param name="targets">What it shall give.</param>
    /// <param name="options">The most memory for rows.</param>
    /// <param name="check">Called now and then where rows are gone over; throws to stop.</param>
    public SeriesRows(SeriesColumn column, RowPart targets, MinibatchOptions options, Action check)
    {
        _channels = column.Channels;
        _steps = new TrainingRows(_channels, null, options, check);
        _targets = new TrainingRows([targets], (long)options.CacheMebibytes << 20, check);
    }

    public int Count => _series.Count;

    /// <summary>The longest series.</summary>
    public int Longest { get; private set; }

    /// <summary>Reads the series of a view and numbers to learn, in one pass.</summary>
    /// <param name="data">The view.</param>
    /// <param name="column">The series.</param>
    /// <param name="target">The numbers.</param>
    /// <param name="options">The most memory for rows.</param>
    /// <param name="environment">The environment of the fit, which may be cancelled.</param>
    /// <returns>The rows, to be disposed by the caller.</returns>
    /// <exception cref="InvalidOperationException">A number is not finite or a series has no steps; the message names column and row.</exception>
    public static SeriesRows Read(IDataView data, SeriesColumn column, TargetColumn target, MinibatchOptions options, IHostEnvironment environment)
    {
        float[] targets = new float[target.SizeIn(data.Schema)];
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column.Name], data.Schema[target.Name]]);
        SeriesReader reader = column.CreateReader(cursor);
        var targetReader = new FiniteReader(cursor, TargetRows.TargetReader(cursor, data.Schema[target.Name]), target.Name);
        var rows = new SeriesRows(column, new(TrainingRows.Targets, targets.Length), options, Check);
        try
        {
            while (cursor.MoveNext())
            {
                Check();
                targetReader.Read(targets);
                rows.Add(Require(reader.Read(), column.Name, cursor.Position), targets);
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }

        void Check() => Host.ThrowIfCanceled(environment);
    }

    /// <summary>A series that can be learned from.</summary>
    /// <exception cref="InvalidOperationException">It has no steps, or a number is not finite.</exception>
    public static ReadOnlySpan<float> Require(ReadOnlySpan<float> series, string column, long row)
    {
        if (series.IsEmpty)
        {
            throw new InvalidOperationException(
                Invariant($"Column '{column}' must have at least one step in every row, but has none in row {row}. Leave it out."));
        }

        foreach (float value in series)
        {
            if (!float.IsFinite(value))
            {
                throw new InvalidOperationException(Invariant(
                    $"Column '{column}' must be finite, but has {value} in row {row}. Replace or drop such values first (ReplaceMissingValues)."));
            }
        }

        return series;
    }

    /// <summary>Adds a series.</summary>
    /// <param name="series">Its values, at least those of one step.</param>
    /// <param name="targets">What a network shall give for it.</param>
    public void Add(ReadOnlySpan<float> series, params ReadOnlySpan<float> targets)
    {
        int first = _steps.Count, length = series.Length / _channels;
        for (int step = 0; step < length; step++)
            _steps.Add(series.Slice(step * _channels, _channels));
        _targets.Add(targets);
        _series.Add((first, length));
        Longest = Math.Max(Longest, length);
    }

    /// <summary>The class of a series; null where numbers are learned.</summary>
    public Func<int, int>? Classes => _targets.HasClasses ? row => _targets.ClassOf(row) : null;

    /// <summary>The scale of the values of a step.</summary>
    public Networks.StandardScale ScaleOfSteps() => _steps.ScaleOf(TrainingRows.Inputs);

    /// <summary>The scale of the numbers to learn.</summary>
    public Networks.StandardScale ScaleOfTargets() => _targets.ScaleOf(TrainingRows.Targets);

    /// <summary>Puts the values of all steps on a scale.</summary>
    public void ScaleSteps(Networks.StandardScale scale) => _steps.Scale(TrainingRows.Inputs, scale);

    /// <summary>Puts the numbers to learn on a scale.</summary>
    public void ScaleTargets(Networks.StandardScale scale) => _targets.Scale(TrainingRows.Targets, scale);

    /// <summary>Batches of some of the series.</summary>
    public SeriesBatches Batches(int[] numbers, Device device) => new(_steps, _targets, [.. numbers.Select(number => _series[number])], numbers, device);

    /// <summary>Says how many steps are in a temporary file, if any are.</summary>
    public void ReportFile(IChannel channel) => _steps.ReportFile(channel);

    public void Dispose()
    {
        _steps.Dispose();
        _targets.Dispose();
    }
}

/// <summary>Batches of series: inputs (B, T, p), zeros behind the end of each; targets; and the last step of each, Int64 (B).</summary>
/// <param name="steps">The steps of all series.</param>
/// <param name="targets">What belongs to each series.</param>
/// <param name="series">Where each series begins, and how many steps it has.</param>
/// <param name="numbers">Which targets belong to them.</param>
/// <param name="device">The device of the network.</param>
internal sealed class SeriesBatches(
    TrainingRows steps, TrainingRows targets, IReadOnlyList<(int First, int Length)> series, int[] numbers, Device device) : BatchSource
{
    /// <summary>The name of the last steps.</summary>
    public const string Last = "last";

    // Batches whose series are put in the order of their lengths together.
    private const int BatchesOfAPool = 32;

    private readonly SequenceBatches _steps = new(steps, series, device);
    private readonly RowBatches _targets = new(targets, numbers, device);
    private readonly bool _areAlike = series.All(own => own.Length == series[0].Length);

    public override int Count => numbers.Length;

    public override int ValidatedAtOnce(int batchSize) => batchSize;

    public override Batch Draw(ReadOnlySpan<int> items, Random random)
    {
        long[] last = new long[items.Length];
        for (int i = 0; i < last.Length; i++)
            last[i] = series[items[i]].Length - 1;
        return new(items.Length, new Dictionary<string, Tensor>
        {
            [TrainingRows.Inputs] = _steps.Draw(items, random).Inputs,
            [TrainingRows.Targets] = _targets.Draw(items, random)[TrainingRows.Targets],
            [Last] = tensor(last).to(device),
        });
    }

    /// <summary>Series of about one length are put together, so that little is padded; which ones and in what order is drawn.</summary>
    public override int[][] Order(int batches, Random random)
    {
        if (_areAlike)
            return base.Order(batches, random);
        int[] order = EpochOrder.Shuffled(Count, random);
        foreach (int[] pool in Enumerable.Range(0, batches).Chunk(BatchesOfAPool))
        {
            int first = Part(order, batches, pool[0]).Offset, end = Part(order, batches, pool[^1]) is var last ? last.Offset + last.Count : 0;
            order.AsSpan(first, end - first).Sort((one, other) => series[one].Length.CompareTo(series[other].Length));
        }

        int[][] parts = Cut(order, batches);
        random.Shuffle(parts);
        return parts;
    }

    public override string Fingerprint() => FormattableString.Invariant($"{_steps.Fingerprint()} {targets.Hash(numbers):x16}");
}
