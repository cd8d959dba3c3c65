using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Pictures of what a translation attended to: a row for each of its words, a column for each word of the source, the darker the more.</summary>
internal static class AttentionPicture
{
    private const int Cell = 34;
    private const int Margin = 24;
    private const float LetterHeight = 10;

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);
    private static readonly SKColor Grid = new(0xD8, 0xDC, 0xE0);

    /// <summary>Writes a picture of some translations, one below the other.</summary>
    /// <param name="path">The PNG file.</param>
    /// <param name="translations">Translations that have words.</param>
    public static void Save(string path, IReadOnlyList<Translation> translations)
    {
        int left = Margin + (int)translations.SelectMany(translation => translation.Target).Max(Width) + 12;
        int top = Margin + (int)translations.SelectMany(translation => translation.Source).Max(Width) + 12;
        int width = left + (translations.Max(translation => translation.Source.Count) * Cell) + Margin;
        int height = translations.Sum(translation => top + (translation.Target.Count * Cell)) + Margin;
        using var picture = new Picture(width, height);
        int y = 0;
        foreach (Translation translation in translations)
        {
            Draw(picture.Canvas, translation, left, y + top);
            y += top + (translation.Target.Count * Cell);
        }

        picture.Save(path);
    }

    private static void Draw(SKCanvas canvas, Translation translation, int left, int top)
    {
        for (int column = 0; column < translation.Source.Count; column++)
        {
            float x = left + ((column + 0.5f) * Cell) + (LetterHeight / 2), y = top - 8;
            canvas.Save();
            canvas.RotateDegrees(-90, x, y);
            Lettering.Write(canvas, translation.Source[column], new SKPoint(x, y), LetterHeight, Ink);
            canvas.Restore();
        }

        using var pen = new SKPaint { Color = Grid, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
        for (int row = 0; row < translation.Target.Count; row++)
        {
            Lettering.Write(
                canvas, translation.Target[row], new SKPoint(left - 8, top + ((row + 0.5f) * Cell) + (LetterHeight / 2)), LetterHeight, Ink, SKTextAlign.Right);
            for (int column = 0; column < translation.Source.Count; column++)
            {
                byte grey = (byte)Math.Round(255 * (1 - Math.Clamp(translation.Attention[row][column], 0, 1)));
                var place = SKRect.Create(left + (column * Cell), top + (row * Cell), Cell, Cell);
                using var fill = new SKPaint { Color = new SKColor(grey, grey, grey) };
                canvas.DrawRect(place, fill);
                canvas.DrawRect(place, pen);
            }
        }
    }

    private static float Width(string word) => Lettering.Measure(word, LetterHeight);
}
