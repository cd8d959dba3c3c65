using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>The coordinates of the pixels of an image as channels.</summary>
/// <remarks>
/// Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 3. The rows go from
/// -1 at the top to 1 at the bottom, the columns from -1 at the left to 1 at the right; the radius is the distance to the middle of the image on this scale,
/// from 0 to √2.
/// Each axis is scaled by its own length. An axis of one pixel is 0.
/// </remarks>
internal static class CoordinateChannels
{
    /// <summary>How many channels the coordinates are: row and column, and on request the radius.</summary>
    public static int Count(bool withRadius) => withRadius ? 3 : 2;

    /// <summary>The channels of rows, columns and radius, one after the other.</summary>
    /// <returns>2 × H × W or 3 × H × W values.</returns>
    public static float[] Of(int height, int width, bool withRadius = false)
    {
        int pixels = checked(height * width);
        float[] channels = new float[checked(Count(withRadius) * pixels)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int pixel = (y * width) + x;
                double row = Scaled(y, height), column = Scaled(x, width);
                channels[pixel] = (float)row;
                channels[pixels + pixel] = (float)column;
                if (withRadius)
                    channels[(2 * pixels) + pixel] = (float)Math.Sqrt((row * row) + (column * column));
            }
        }

        return channels;
    }

    /// <summary>The same as a tensor (1, 2 or 3, H, W).</summary>
    public static Tensor Tensor(int height, int width, bool withRadius = false)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor(Of(height, width, withRadius), [1, Count(withRadius), height, width]).clone().MoveToOuterDisposeScope();
    }

    /// <summary>A place on an axis of pixels, from 0, on the scale from -1 to 1.</summary>
    public static double Scaled(double place, int length) => length == 1 ? 0 : (2 * place / (length - 1)) - 1;
}
