using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Where minibatches come from.</summary>
internal abstract class MinibatchSource : IDisposable
{
    /// <summary>How many rows there are.</summary>
    public abstract int Count { get; }

    /// <summary>D, the length of a row.</summary>
    public abstract int Size { get; }

    /// <summary>Some rows on the device of the network: inputs (B, D), and targets with a row for each.</summary>
    /// <param name="rows">Their numbers, from 0.</param>
    /// <param name="random">What to draw from where something about a row is random.</param>
    public abstract (Tensor Features, Tensor Targets) Draw(ReadOnlySpan<long> rows, Random random);

    /// <summary>A hash of all rows.</summary>
    public abstract ulong Hash();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>Rows that lie on the device, all of them.</summary>
internal sealed class DeviceRows : MinibatchSource
{
    private readonly MinibatchRows _rows;
    private readonly Tensor _features;
    private readonly Tensor _targets;

    public DeviceRows(MinibatchRows rows, Device device)
    {
        _rows = rows;
        (_features, _targets) = rows.ToDevice(device);
    }

    public override int Count => _rows.Count;

    public override int Size => _rows.Size;

    public override (Tensor Features, Tensor Targets) Draw(ReadOnlySpan<long> rows, Random random)
    {
        Tensor index = tensor(rows.ToArray()).to(_features.device);
        return (_features.index_select(0, index), _targets.index_select(0, index));
    }

    public override ulong Hash() => _rows.Hash();

    public override void Dispose()
    {
        _features.Dispose();
        _targets.Dispose();
        base.Dispose();
    }
}
