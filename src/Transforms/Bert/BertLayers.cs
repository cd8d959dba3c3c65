namespace MLNet.Papers.Bert;

/// <summary>What the network says of a text of T pieces: for some of its layers T × H values, the vectors of the pieces one after the other.</summary>
internal readonly ref struct BertLayers
{
    private readonly ReadOnlySpan<float[]> _layers;
    private readonly int _lowest;
    private readonly int _start;
    private readonly int _length;

    /// <param name="layers">The layers of several texts, from the lowest that is there.</param>
    /// <param name="lowest">Its number.</param>
    /// <param name="start">Where the text begins in each of them.</param>
    /// <param name="length">T × H.</param>
    public BertLayers(ReadOnlySpan<float[]> layers, int lowest, int start, int length)
    {
        _layers = layers;
        (_lowest, _start, _length) = (lowest, start, length);
    }

    /// <summary>A layer: 0 is the sum of the tables, the others what the blocks give.</summary>
    public ReadOnlySpan<float> this[int layer] => _layers[layer - _lowest].AsSpan(_start, _length);
}

/// <summary>Is given what the network says of a text, which lasts until it returns; on any thread, and for several texts at a time.</summary>
/// <param name="text">The number of the text in its batch.</param>
/// <param name="layers">Its layers.</param>
internal delegate void BertReceiver(int text, BertLayers layers);
