using SkiaSharp;

namespace MLNet.Papers.Samples.Pictures;

/// <summary>A white sheet to draw on, and to save as PNG.</summary>
/// <param name="width">In pixels.</param>
/// <param name="height">In pixels.</param>
internal sealed class Picture(int width, int height) : IDisposable
{
    private readonly SKSurface _surface = Blank(width, height);

    /// <summary>What to draw on.</summary>
    public SKCanvas Canvas => _surface.Canvas;

    /// <summary>Draws a grey image of ink 1 on paper 0, enlarged to a square.</summary>
    public void DrawInk(float[] ink, int side, SKRect place)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Gray8, SKAlphaType.Opaque));
        byte[] grey = Array.ConvertAll(ink, value => (byte)Math.Round(255 * (1 - Math.Clamp(value, 0, 1))));
        for (int row = 0; row < side; row++)
            grey.AsSpan(row * side, side).CopyTo(bitmap.GetPixelSpan()[(row * bitmap.RowBytes)..]);
        using SKImage image = SKImage.FromBitmap(bitmap);
        Canvas.DrawImage(image, place, new SKSamplingOptions(SKCubicResampler.Mitchell));
    }

    /// <summary>Draws a rectangle's outline.</summary>
    public void DrawFrame(SKRect place, SKColor colour, float width)
    {
        using var pen = new SKPaint { Color = colour, Style = SKPaintStyle.Stroke, StrokeWidth = width, IsAntialias = true };
        Canvas.DrawRect(place, pen);
    }

    /// <summary>Writes the picture to a file.</summary>
    public void Save(string path)
    {
        using SKImage image = _surface.Snapshot();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        using FileStream file = File.Create(path);
        png.SaveTo(file);
    }

    /// <inheritdoc/>
    public void Dispose() => _surface.Dispose();

    private static SKSurface Blank(int width, int height)
    {
        SKSurface surface = SKSurface.Create(new SKImageInfo(width, height));
        surface.Canvas.Clear(SKColors.White);
        return surface;
    }
}
