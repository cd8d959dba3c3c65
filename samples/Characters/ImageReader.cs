using SkiaSharp;

namespace MLNet.Papers.Samples.Characters;

/// <summary>Turns picture files into the small grey images that networks learn from.</summary>
internal static class ImageReader
{
    private const int Side = CharacterImage.Side;

    /// <summary>More than any scan of a character needs, and little enough for memory.</summary>
    private const long MostPixels = 1 << 26;

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp"];

    /// <summary>Whether a file is a picture, going by its name.</summary>
    public static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a picture of a character.</summary>
    /// <param name="files">Where the picture is.</param>
    /// <param name="path">Its path there.</param>
    /// <returns>28 × 28 values, ink 1 and paper 0, whichever of the two is dark in the picture.</returns>
    /// <exception cref="InputException">The file is not a picture that can be read.</exception>
    public static float[] Read(FileTree files, string path)
    {
        using SKData data = SKData.CreateCopy(files.Read(path));
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null)
            throw new InputException($"'{files.Root}': '{path}' is not an image that can be read.");
        if ((long)codec.Info.Width * codec.Info.Height > MostPixels)
            throw new InputException($"'{files.Root}': '{path}' is too large: {codec.Info.Width} × {codec.Info.Height} pixels.");
        using var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
            throw new InputException($"'{files.Root}': '{path}' is damaged.");
        return Shrink(InkOf(bitmap), bitmap.Width, bitmap.Height);
    }

    /// <summary>
    /// Averages a picture over the area of each pixel of the small image, so that thin strokes become faint instead of broken. A picture that is not
    /// square is put in the middle of a square of paper first.
    /// </summary>
    /// <param name="ink">Rows of pixels, from the top left.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    public static float[] Shrink(float[] ink, int width, int height)
    {
        int square = Math.Max(width, height);
        float[] narrow = new float[height * Side];
        AverageRuns(ink, narrow, lines: height, length: width, square, lineStep: width, step: 1, outLineStep: Side, outStep: 1);
        float[] small = new float[Side * Side];
        AverageRuns(narrow, small, lines: Side, length: height, square, lineStep: 1, step: Side, outLineStep: 1, outStep: Side);
        return small;
    }

    // One direction at a time: each line of values becomes Side values, each the mean over its share of the square's side.
    private static void AverageRuns(float[] values, float[] means, int lines, int length, int square, int lineStep, int step, int outLineStep, int outStep)
    {
        double share = (double)square / Side;
        double margin = (square - length) / 2.0;
        for (int target = 0; target < Side; target++)
        {
            double low = Math.Max(0, (target * share) - margin), high = Math.Min(length, ((target + 1) * share) - margin);
            for (int source = (int)low; source < high; source++)
            {
                float weight = (float)((Math.Min(high, source + 1) - Math.Max(low, source)) / share);
                for (int line = 0; line < lines; line++)
                    means[(line * outLineStep) + (target * outStep)] += weight * values[(line * lineStep) + (source * step)];
            }
        }
    }

    /// <summary>How much ink is on each pixel. What most of the picture's edge shows is paper: black on white and white on black read alike.</summary>
    private static float[] InkOf(SKBitmap bitmap)
    {
        ReadOnlySpan<byte> bytes = bitmap.GetPixelSpan();
        (int width, int height) = (bitmap.Width, bitmap.Height);
        float[] light = new float[width * height];
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<byte> line = bytes.Slice(row * bitmap.RowBytes, width * 4);
            for (int column = 0; column < width; column++)
            {
                ReadOnlySpan<byte> pixel = line.Slice(column * 4, 4);  // blue, green, red, opacity; what is transparent shows white
                float grey = ((0.114f * pixel[0]) + (0.587f * pixel[1]) + (0.299f * pixel[2])) / 255;
                light[(row * width) + column] = 1 - (pixel[3] / 255f * (1 - grey));
            }
        }

        int edge = 0, white = 0;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column += row == 0 || row == height - 1 ? 1 : Math.Max(1, width - 1))
            {
                edge++;
                white += light[(row * width) + column] >= 0.5f ? 1 : 0;
            }
        }

        bool isPaperWhite = 2 * white >= edge;
        return isPaperWhite ? Array.ConvertAll(light, value => 1 - value) : light;
    }
}
