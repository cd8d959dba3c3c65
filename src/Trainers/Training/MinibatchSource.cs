using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Where minibatches come from.</summary>
/// <param name="device">The device of the network.</param>
internal abstract class MinibatchSource(Device device)
{
    /// <summary>How many rows there are.</summary>
    public abstract int Count { get; }

    /// <summary>D, the length of a row.</summary>
    public abstract int Size { get; }

    /// <summary>Some rows on the device of the network: inputs (B, D), and targets with a row for each.</summary>
    /// <param name="rows">Their numbers, from 0.</param>
    /// <param name="random">What to draw from where something about a row is random.</param>
    public abstract (Tensor Inputs, Tensor Targets) Draw(ReadOnlySpan<long> rows, Random random);

    /// <summary>A hash of all rows.</summary>
    public abstract ulong Hash();

    /// <summary>Numbers on the device, (count, width). They were copied to torch's own memory, whose alignment and so the rounding of matrix kernels is always the same.</summary>
    private protected Tensor ToDevice(float[] values, int count, int width) =>
        frombuffer(values, ScalarType.Float32, (long)count * width).view(count, width).clone().to(device);

    /// <summary>Classes on the device, (count).</summary>
    private protected Tensor ToDevice(long[] classes) => tensor(classes).to(device);
}

/// <summary>Minibatches of some of the rows.</summary>
/// <param name="rows">The rows.</param>
/// <param name="numbers">Which of them.</param>
/// <param name="device">The device of the network.</param>
internal sealed class MinibatchBatches(MinibatchRows rows, int[] numbers, Device device) : MinibatchSource(device)
{
    private float[] _inputs = [];
    private float[] _targets = [];

    public override int Count => numbers.Length;

    public override int Size => rows.Size;

    public override (Tensor Inputs, Tensor Targets) Draw(ReadOnlySpan<long> drawn, Random random)
    {
        if (_inputs.Length < drawn.Length * Size)
            (_inputs, _targets) = (new float[drawn.Length * Size], new float[drawn.Length * rows.TargetSize]);
        for (int i = 0; i < drawn.Length; i++)
        {
            int row = numbers[drawn[i]];
            rows.ReadInputs(row, _inputs.AsSpan(i * Size, Size));
            rows.ReadTargets(row, _targets.AsSpan(i * rows.TargetSize, rows.TargetSize));
        }

        Tensor inputs = ToDevice(_inputs, drawn.Length, Size);
        return (inputs, rows.Targets switch
        {
            TargetKind.Inputs => inputs,
            TargetKind.Class => ToDevice(Array.ConvertAll(_targets[..drawn.Length], index => (long)index)),
            _ => ToDevice(_targets, drawn.Length, rows.TargetSize),
        });
    }

    public override ulong Hash() => rows.Hash(numbers);
}
