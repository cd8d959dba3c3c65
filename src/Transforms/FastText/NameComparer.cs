using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace MLNet.Papers.FastText;

/// <summary>Compares names by their bytes, with a hash that differs from process to process, so that nobody can write a file of names that collide.</summary>
internal sealed class NameComparer : IEqualityComparer<ReadOnlyMemory<byte>>, IAlternateEqualityComparer<ReadOnlySpan<byte>, ReadOnlyMemory<byte>>
{
    public static NameComparer Instance { get; } = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public bool Equals(ReadOnlySpan<byte> alternate, ReadOnlyMemory<byte> other) => alternate.SequenceEqual(other.Span);

    public int GetHashCode([DisallowNull] ReadOnlyMemory<byte> obj) => GetHashCode(obj.Span);

    // The runtime's hash of texts has a key that is drawn when the process starts.
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        int pairs = string.GetHashCode(MemoryMarshal.Cast<byte, char>(alternate));
        return alternate.Length % 2 == 0 ? pairs : HashCode.Combine(pairs, alternate[^1]);
    }

    public ReadOnlyMemory<byte> Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
