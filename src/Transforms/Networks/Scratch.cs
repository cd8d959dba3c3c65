using System.Buffers;

namespace MLNet.Papers.Networks;

/// <summary>Memory from the pool, with anything in it, that is given back at the end.</summary>
/// <param name="length">The values that are needed; there may be room for more.</param>
internal readonly ref struct Scratch(int length) : IDisposable
{
    private readonly float[] _array = ArrayPool<float>.Shared.Rent(length);

    public Span<float> Span => _array;

    public void Dispose() => ArrayPool<float>.Shared.Return(_array);
}
