using Microsoft.ML.Runtime;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Training;

/// <summary>What a network learns to give for a row.</summary>
internal enum TargetKind
{
    /// <summary>Numbers.</summary>
    Numbers,

    /// <summary>A class, from 0.</summary>
    Class,

    /// <summary>The inputs of the network.</summary>
    Inputs,
}

/// <summary>Rows that minibatches are drawn from: the inputs of a network, and what it shall give for each. A bounded part of them is in memory.</summary>
internal sealed class MinibatchRows : IDisposable
{
    private readonly RowCache _cache;
    private readonly float[] _row;

    /// <param name="size">D, the length of the inputs.</param>
    /// <param name="targets">What the targets are.</param>
    /// <param name="targetSize">K, how many numbers they are; 1 for classes, and 0 for the inputs.</param>
    /// <param name="options">The most memory for rows.</param>
    /// <param name="check">Called now and then where rows are gone over; throws to stop.</param>
    public MinibatchRows(int size, TargetKind targets, int targetSize, MinibatchOptions options, Action? check = null)
    {
        (Size, Targets, TargetSize) = (size, targets, targetSize);
        _row = new float[size + targetSize];
        _cache = new RowCache(_row.Length, (long)options.CacheMebibytes << 20, check);
    }

    /// <summary>D.</summary>
    public int Size { get; }

    public TargetKind Targets { get; }

    /// <summary>K.</summary>
    public int TargetSize { get; }

    public int Count => _cache.Count;

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> inputs, params ReadOnlySpan<float> targets)
    {
        inputs.CopyTo(_row);
        targets.CopyTo(_row.AsSpan(Size));
        _cache.Add(_row);
    }

    /// <summary>Reads the inputs of a row.</summary>
    public void ReadInputs(long row, Span<float> inputs) => _cache.Read(row, 0, inputs);

    /// <summary>Reads the targets of a row.</summary>
    public void ReadTargets(long row, Span<float> targets) => _cache.Read(row, Size, targets);

    /// <summary>The class of a row, where the targets are classes.</summary>
    public int ClassOf(int row)
    {
        float target = 0;
        ReadTargets(row, new Span<float>(ref target));
        return (int)target;
    }

    /// <summary>The scale of the inputs.</summary>
    public StandardScale ScaleOfInputs() => StandardScale.Of(Each(0, Size), Size);

    /// <summary>The scale of the targets.</summary>
    public StandardScale ScaleOfTargets() => StandardScale.Of(Each(Size, TargetSize), TargetSize);

    /// <summary>Puts the inputs of all rows on a scale.</summary>
    public MinibatchRows ScaleInputs(StandardScale scale) => Scale(scale, 0);

    /// <summary>Puts the targets of all rows on a scale.</summary>
    public MinibatchRows ScaleTargets(StandardScale scale) => Scale(scale, Size);

    /// <summary>A hash of some rows, all that is in them.</summary>
    public ulong Hash(int[] rows) => _cache.Hash(rows);

    /// <summary>Says how many rows are in a temporary file, if any are.</summary>
    public void ReportFile(IChannel channel) => _cache.ReportFile(channel);

    public void Dispose() => _cache.Dispose();

    private IEnumerable<float[]> Each(int first, int count)
    {
        float[] values = new float[count];
        for (int row = 0; row < Count; row++)
        {
            _cache.Read(row, first, values);
            yield return values;
        }
    }

    private MinibatchRows Scale(StandardScale scale, int first)
    {
        Span<float> values = _row.AsSpan(first, scale.Size);
        for (int row = 0; row < Count; row++)
        {
            _cache.Read(row, first, values);
            scale.Apply(values);
            _cache.Write(row, first, values);
        }

        return this;
    }
}
