using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Series;

/// <summary>What the series of a contract case are.</summary>
internal enum SeriesKind
{
    /// <summary>Two channels, of a length that differs from row to row.</summary>
    Variable,

    /// <summary>One channel of known length.</summary>
    Fixed,

    /// <summary>Keys, of a length that differs from row to row.</summary>
    Keys,
}

/// <summary>Small sets of series: those of the second class end higher, or with other keys.</summary>
internal static class SeriesExamples
{
    public const int Rows = 24;
    private const int Symbols = 5;
    private const int FixedLength = 6;

    /// <summary>The values of a step.</summary>
    public static int ChannelsOf(SeriesKind kind) => kind == SeriesKind.Variable ? 2 : 1;

    /// <summary>Series under a name.</summary>
    public static MemoryColumn Series(SeriesKind kind, string name)
    {
        var random = new Random(3);
        switch (kind)
        {
            case SeriesKind.Keys:
                return MemoryColumn.Vectors(name, new KeyDataViewType(typeof(uint), Symbols), [.. Enumerable.Range(0, Rows).Select(row =>
                {
                    // One key is missing.
                    uint Key(int step) => row == 3 && step == 0 ? 0u : (uint)((random.Next(4) + row) % Symbols) + 1;
                    uint[] keys = [.. Enumerable.Range(0, Steps(row)).Select(Key)];
                    return new VBuffer<uint>(keys.Length, keys);
                })]);
            case SeriesKind.Fixed:
                return MemoryColumn.Vectors(name, [.. Enumerable.Range(0, Rows).Select(row => Numbers(row, FixedLength, 1))]);
            default:
                return MemoryColumn.Vectors(name, NumberDataViewType.Single, [.. Enumerable.Range(0, Rows).Select(row =>
                {
                    float[] values = Numbers(row, Steps(row), 2);
                    return new VBuffer<float>(values.Length, values);
                })]);
        }

        float[] Numbers(int row, int steps, int channels) =>
            [.. Enumerable.Range(0, steps * channels).Select(i => (float)random.NextDouble() + (row % 2 * (i / (float)(steps * channels))))];
    }

    /// <summary>Inputs that must fail.</summary>
    public static IEnumerable<RejectedInput> Rejected(MemoryView rows, string name)
    {
        yield return new(name, "missing", rows.Without(name));
        yield return new(name, "a number", rows.With(MemoryColumn.Values(name, NumberDataViewType.Single, new float[Rows])));
        yield return new(name, "texts", rows.With(MemoryColumn.Vectors(name, TextDataViewType.Instance, new VBuffer<ReadOnlyMemory<char>>[Rows])));
    }

    private static int Steps(int row) => 2 + (row % 4);
}
