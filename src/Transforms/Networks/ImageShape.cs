namespace MLNet.Papers;

/// <summary>The shape of an image that stands in a vector column in CHW order: all rows of the first channel, then the next channel.</summary>
/// <param name="Channels">Number of channels: 1 for grey, 3 for colour; at least 1.</param>
/// <param name="Height">Rows in pixels; at least 1.</param>
/// <param name="Width">Columns in pixels; at least 1.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>The number of values of an image: Channels × Height × Width.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Size => checked(Channels * Height * Width);

    /// <summary>The same number where it may be larger than that of an image that lies in memory.</summary>
    internal long Values => (long)Channels * Height * Width;

    /// <summary>The shape as Channels × Height × Width.</summary>
    public override string ToString() => FormattableString.Invariant($"{Channels} × {Height} × {Width}");
}
