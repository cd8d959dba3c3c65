using Microsoft.ML.Runtime;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Training;

/// <summary>What a row holds under a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Size">How many numbers.</param>
/// <param name="IsClass">Whether it is one whole number, a class or an action.</param>
/// <param name="Classes">If above 0, a class is drawn as so many numbers: 1 in its place and 0 elsewhere, of -1 in all places.</param>
internal sealed record RowPart(string Name, int Size, bool IsClass = false, int Classes = 0)
{
    /// <summary>How many numbers are drawn.</summary>
    public int DrawnSize => Math.Max(Size, Classes);

    /// <summary>A class, from 0.</summary>
    public static RowPart Class(string name) => new(name, 1, IsClass: true);
}

/// <summary>Rows that batches are drawn from, each with numbers under some names. A bounded part of them is in memory.</summary>
internal sealed class TrainingRows : IDisposable
{
    /// <summary>The name of what a network reads, where it reads one thing.</summary>
    public const string Inputs = "inputs";

    /// <summary>The name of what it shall give.</summary>
    public const string Targets = "targets";

    private readonly RowCache _cache;
    private readonly float[] _row;
    private readonly Dictionary<string, (int First, int Size)> _places = [];

    /// <param name="parts">What is in a row.</param>
    /// <param name="bytes">The most memory for rows.</param>
    /// <param name="check">Called now and then where rows are gone over; throws to stop.</param>
    public TrainingRows(IReadOnlyList<RowPart> parts, long bytes, Action? check = null)
    {
        Parts = parts;
        int width = 0;
        foreach (RowPart part in parts)
        {
            _places.Add(part.Name, (width, part.Size));
            width = checked(width + part.Size);
        }

        _row = new float[width];
        _cache = new RowCache(width, bytes, check);
    }

    /// <summary>Rows of inputs and what a network shall give for them.</summary>
    /// <param name="size">D, the length of the inputs.</param>
    /// <param name="targets">The targets, called so; null where the inputs are the targets.</param>
    /// <param name="options">The most memory for rows.</param>
    /// <param name="check">Called now and then where rows are gone over; throws to stop.</param>
    public TrainingRows(int size, RowPart? targets, MinibatchOptions options, Action? check = null)
        : this([new(Inputs, size), .. targets is null ? Array.Empty<RowPart>() : [targets]], (long)options.CacheMebibytes << 20, check)
    {
    }

    /// <summary>What is in a row.</summary>
    public IReadOnlyList<RowPart> Parts { get; }

    /// <summary>D, the length of the inputs.</summary>
    public int Size => _places[Inputs].Size;

    public int Count => _cache.Count;

    /// <summary>Whether the targets are classes.</summary>
    public bool HasClasses => Parts.Any(part => part is { Name: Targets, IsClass: true });

    /// <summary>Adds a row.</summary>
    /// <param name="first">Its first part.</param>
    /// <param name="rest">The others, one after the other.</param>
    public void Add(ReadOnlySpan<float> first, params ReadOnlySpan<float> rest)
    {
        first.CopyTo(_row);
        rest.CopyTo(_row.AsSpan(first.Length));
        _cache.Add(_row);
    }

    /// <summary>Reads a part of a row.</summary>
    public void Read(long row, string part, Span<float> values) => _cache.Read(row, _places[part].First, values);

    /// <summary>Overwrites a part of a row.</summary>
    public void Write(long row, string part, ReadOnlySpan<float> values) => _cache.Write(row, _places[part].First, values);

    /// <summary>The class of a row under a name.</summary>
    public int ClassOf(long row, string part = Targets)
    {
        float found = 0;
        Read(row, part, new Span<float>(ref found));
        return (int)found;
    }

    /// <summary>The scale of a part.</summary>
    public StandardScale ScaleOf(string part)
    {
        return StandardScale.Of(Each(), _places[part].Size);

        IEnumerable<float[]> Each()
        {
            float[] values = new float[_places[part].Size];
            for (int row = 0; row < Count; row++)
            {
                Read(row, part, values);
                yield return values;
            }
        }
    }

    /// <summary>Puts a part of all rows on a scale.</summary>
    public TrainingRows Scale(string part, StandardScale scale)
    {
        Span<float> values = _row.AsSpan(0, scale.Size);
        for (int row = 0; row < Count; row++)
        {
            Read(row, part, values);
            scale.Apply(values);
            Write(row, part, values);
        }

        return this;
    }

    /// <summary>A hash of some rows, all that is in them.</summary>
    public ulong Hash(int[] rows) => _cache.Hash(rows);

    /// <summary>Says how many rows are in a temporary file, if any are.</summary>
    public void ReportFile(IChannel channel) => _cache.ReportFile(channel);

    public void Dispose() => _cache.Dispose();
}
