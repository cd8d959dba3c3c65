using SkiaSharp;

namespace MLNet.Papers.Samples.Pictures;

/// <summary>Captions in a font that comes with the program: servers and containers often have none at all.</summary>
internal static class Lettering
{
    private static readonly SKTypeface Regular = InterFont.Load("Regular");
    private static readonly SKTypeface Bold = InterFont.Load("SemiBold");

    /// <summary>How wide a text is, in pixels.</summary>
    /// <param name="text">The text.</param>
    /// <param name="height">Height of a capital, in pixels.</param>
    /// <param name="isBold">Whether the letters are bold.</param>
    public static float Measure(string text, float height, bool isBold = false)
    {
        using SKFont font = Font(height, isBold);
        return font.MeasureText(text);
    }

    /// <summary>Whether the font has all letters of a word.</summary>
    public static bool CanWrite(string word) => Regular.ContainsGlyphs(word);

    /// <summary>Writes a text.</summary>
    /// <param name="canvas">Where to write.</param>
    /// <param name="text">What to write; a character that the font lacks becomes an empty box.</param>
    /// <param name="at">The left, middle or right end of the line that the letters stand on, depending on <paramref name="align"/>.</param>
    /// <param name="height">Height of a capital, in pixels.</param>
    /// <param name="colour">The colour of the letters.</param>
    /// <param name="align">Which part of the text is at <paramref name="at"/>.</param>
    /// <param name="isBold">Whether the letters are bold.</param>
    public static void Write(SKCanvas canvas, string text, SKPoint at, float height, SKColor colour, SKTextAlign align = SKTextAlign.Left, bool isBold = false)
    {
        using SKFont font = Font(height, isBold);
        using var paint = new SKPaint { Color = colour, IsAntialias = true };
        canvas.DrawText(text, at, align, font, paint);
    }

    private static SKFont Font(float height, bool isBold)
    {
        var font = new SKFont(isBold ? Bold : Regular) { Subpixel = true, Hinting = SKFontHinting.None };
        font.Size *= height / font.Metrics.CapHeight;
        return font;
    }
}
