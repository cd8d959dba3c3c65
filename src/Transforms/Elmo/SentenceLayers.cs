using System.Buffers;

namespace MLNet.Papers.Elmo;

/// <summary>What the network gives for one sentence of N tokens: for each layer and direction a vector of P values at each of N + 1 steps, that of the mark included.</summary>
/// <remarks>Forward, step 0 is the mark before the sentence; backward, the mark behind it. Layer 0 is the context-free vector.</remarks>
internal sealed class SentenceLayers(ElmoArchitecture architecture, int tokens) : IDisposable
{
    private readonly int _size = architecture.ProjectionSize;
    private readonly float[] _values = ArrayPool<float>.Shared.Rent(checked((architecture.Layers + 1) * ElmoArchitecture.Directions * (tokens + 1) * architecture.ProjectionSize));

    /// <summary>N.</summary>
    public int Tokens => tokens;

    /// <summary>The vector of a layer and direction at a step.</summary>
    public Span<float> Step(int layer, int direction, int step) =>
        _values.AsSpan(((((layer * ElmoArchitecture.Directions) + direction) * (tokens + 1)) + step) * _size, _size);

    /// <summary>All steps of a layer and direction.</summary>
    public Span<float> Steps(int layer, int direction) =>
        _values.AsSpan(((layer * ElmoArchitecture.Directions) + direction) * (tokens + 1) * _size, (tokens + 1) * _size);

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => ArrayPool<float>.Shared.Return(_values);

    /// <summary>h_kj = [forward; backward], both of which have read the token (equation 1).</summary>
    /// <param name="layer">j.</param>
    /// <param name="token">k, from 0.</param>
    /// <param name="vector">Room for 2P values.</param>
    public void CopyToken(int layer, int token, Span<float> vector)
    {
        Step(layer, 0, token + 1).CopyTo(vector);
        Step(layer, 1, tokens - token).CopyTo(vector[_size..]);
    }
}
