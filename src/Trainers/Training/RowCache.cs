using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Training;

/// <summary>Rows of numbers, all of one length: the first ones in memory, up to a bound, and the others in a temporary file that is deleted with the
/// cache.</summary>
/// <remarks>Rows are added by one thread, one after the other. Only their bounded part is ever in memory, whatever their number.</remarks>
internal sealed class RowCache : IDisposable
{
    private const int BlockBytes = 1 << 20;

    private readonly int _width;
    private readonly int _rowsOfABlock;
    private readonly long _mostInMemory;
    private readonly List<float[]> _blocks = [];
    private FileStream? _file;
    private Polling _polling;

    /// <param name="width">Numbers of a row.</param>
    /// <param name="bytes">The most memory for rows; less than a row's puts all of them into the file.</param>
    /// <param name="check">Called now and then where rows are gone over; throws to stop.</param>
    public RowCache(int width, long bytes, Action? check = null)
    {
        _width = width;
        _polling = new Polling(check);
        _rowsOfABlock = Math.Max(1, BlockBytes / (width * sizeof(float)));
        _mostInMemory = bytes / (width * sizeof(float));
    }

    public int Count { get; private set; }

    /// <summary>How many rows are in the file.</summary>
    public long RowsInFile => Math.Max(0, Count - _mostInMemory);

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        int added = Count;
        Count = checked(Count + 1);
        if (added < _mostInMemory)
        {
            if (added % _rowsOfABlock == 0)
                _blocks.Add(new float[(int)Math.Min(_rowsOfABlock, _mostInMemory - added) * _width]);
        }
        else
        {
            _file ??= new FileStream(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0,
                    FileOptions.DeleteOnClose | FileOptions.RandomAccess);
        }

        Write(added, 0, row);
    }

    /// <summary>Reads a part of a row.</summary>
    /// <param name="row">Its number, from 0.</param>
    /// <param name="first">The first number to read.</param>
    /// <param name="values">As many numbers as are wanted.</param>
    public void Read(long row, int first, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + values.Length, _width);
        _polling.Turn();
        if (row < _mostInMemory)
        {
            InMemory(row, first, values.Length).CopyTo(values);
            return;
        }

        Span<byte> bytes = MemoryMarshal.AsBytes(values);
        for (int read = 0; read < bytes.Length;)
        {
            int count = RandomAccess.Read(_file!.SafeFileHandle, bytes[read..], Offset(row, first) + read);
            read += count > 0 ? count : throw new IOException("The temporary file of a row cache was cut short.");
        }
    }

    /// <summary>Overwrites a part of a row.</summary>
    public void Write(long row, int first, ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + values.Length, _width);
        if (row < _mostInMemory)
            values.CopyTo(InMemory(row, first, values.Length));
        else
            RandomAccess.Write(_file!.SafeFileHandle, MemoryMarshal.AsBytes(values), Offset(row, first));
    }

    /// <summary>A hash of some rows, all that is in them.</summary>
    public ulong Hash(int[] rows)
    {
        var hash = new XxHash64();
        float[] values = new float[_width];
        foreach (int row in rows)
        {
            Read(row, 0, values);
            hash.Append(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Says how many rows are in the file, if any are.</summary>
    public void ReportFile(IChannel channel)
    {
        if (RowsInFile > 0)
        {
            channel.Info(
                MessageSensitivity.None,
                string.Create(
                    CultureInfo.InvariantCulture, $"{RowsInFile} of {Count} rows did not fit into the memory of CacheMebibytes and are in a temporary file."));
        }
    }

    public void Dispose() => _file?.Dispose();

    private Span<float> InMemory(long row, int first, int count) =>
        _blocks[(int)(row / _rowsOfABlock)].AsSpan(((int)(row % _rowsOfABlock) * _width) + first, count);

    private long Offset(long row, int first) => (((row - _mostInMemory) * _width) + first) * sizeof(float);
}
