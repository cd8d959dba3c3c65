using System.IO.Hashing;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Rows that minibatches are drawn from, in memory.</summary>
/// <param name="Features">The inputs of the network, row by row.</param>
/// <param name="Size">D, the length of a row.</param>
/// <param name="Targets">What the network shall give for each row: K numbers (an array of Single), or a class (an array of Int64).</param>
internal sealed record MinibatchRows(float[] Features, int Size, Array Targets)
{
    public int Count => Features.Length / Size;

    /// <summary>Both as tensors in torch's own memory, whose alignment and so the rounding of matrix kernels is always the same: (N, D), and (N, K) or (N).</summary>
    public (Tensor Features, Tensor Targets) ToDevice(Device device)
    {
        Tensor features = Keep(tensor(Features, [Count, Size]));
        if (ReferenceEquals(Targets, Features))
            return (features, features);
        Tensor targets = Targets is long[] classes ? tensor(classes) : tensor((float[])Targets, [Count, Targets.Length / Count]);
        return (features, Keep(targets));

        Tensor Keep(Tensor values) => values.clone().to(device).DetachFromDisposeScope();
    }

    /// <summary>Some of the rows.</summary>
    public MinibatchRows Take(int[] rows)
    {
        int width = Targets.Length / Count;
        return new(Select(Features, Size, rows), Size, Targets is long[] classes ? Select(classes, 1, rows) : Select((float[])Targets, width, rows));
    }

    /// <summary>A hash of all that is here.</summary>
    public ulong Hash()
    {
        var hash = new XxHash64();
        hash.Append(MemoryMarshal.AsBytes(Features.AsSpan()));
        hash.Append(Targets is long[] classes ? MemoryMarshal.AsBytes(classes.AsSpan()) : MemoryMarshal.AsBytes(((float[])Targets).AsSpan()));
        return hash.GetCurrentHashAsUInt64();
    }

    private static T[] Select<T>(T[] values, int width, int[] rows)
    {
        var selected = new T[rows.Length * width];
        for (int i = 0; i < rows.Length; i++)
            Array.Copy(values, rows[i] * width, selected, i * width, width);
        return selected;
    }
}
