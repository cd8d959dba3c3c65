using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.CoordConv;

/// <summary>Reads a centre (x, y) in pixels as a painter takes it.</summary>
/// <param name="reader">Reads the two numbers.</param>
/// <param name="height">H.</param>
/// <param name="width">W.</param>
/// <param name="isScaled">Whether both are put on the scale of the coordinate channels, from -1 to 1.</param>
internal sealed class CentreReader(RowReader reader, int height, int width, bool isScaled) : RowReader
{
    public override void Read(Span<float> values)
    {
        reader.Read(values);
        if (isScaled)
            Scale(values, height, width);
    }

    /// <summary>Puts a centre in pixels on the scale of the coordinate channels.</summary>
    public static void Scale(Span<float> centre, int height, int width)
    {
        centre[0] = (float)CoordinateChannels.Scaled(centre[0], width);
        centre[1] = (float)CoordinateChannels.Scaled(centre[1], height);
    }

    /// <summary>The same for centres (B, 2) in a graph.</summary>
    public static OnnxValue ScaleInOnnx(OnnxGraph graph, OnnxValue centres, int height, int width)
    {
        float[] shift = [(float)CoordinateChannels.Scaled(0, width), (float)CoordinateChannels.Scaled(0, height)];
        float[] slope = [(float)CoordinateChannels.Scaled(1, width) - shift[0], (float)CoordinateChannels.Scaled(1, height) - shift[1]];
        return graph.Add(graph.Multiply(centres, graph.Weight("slope", [2], () => slope)), graph.Weight("shift", [2], () => shift));
    }
}
