using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Pictures of what a translation attended to: a row for each of its words, a column for each word of the source, the darker the more.</summary>
internal static class AttentionPicture
{
    private const int Cell = 34;
    private const int Margin = 24;
    private const int Head = 120;
    private const float LetterHeight = 10;
    private const string Title = "What each word of a translation attends to";

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);
    private static readonly SKColor Grid = new(0xD8, 0xDC, 0xE0);

    private static readonly string[] Lines =
    [
        "A row for each word of the translation, a column for each word of the source.",
        "A row's shares of attention make 100 %.",
    ];

    /// <summary>Writes a picture of some translations, one below the other.</summary>
    /// <param name="path">The PNG file.</param>
    /// <param name="translations">Translations that have words.</param>
    public static void Save(string path, IReadOnlyList<Translation> translations)
    {
        int left = Margin + (int)translations.SelectMany(translation => translation.Target).Max(Width) + 12;
        int top = Margin + (int)translations.SelectMany(translation => translation.Source).Max(Width) + 12;
        float width = Math.Max(left + (translations.Max(translation => translation.Source.Count) * Cell), Margin + Lines.Max(Width)) + Margin;
        int height = Head + translations.Sum(translation => top + (translation.Target.Count * Cell)) + Margin;
        using var picture = new Picture((int)MathF.Ceiling(width), height);
        WriteHead(picture.Canvas);
        int y = Head;
        foreach (Translation translation in translations)
        {
            Draw(picture.Canvas, translation, left, y + top);
            y += top + (translation.Target.Count * Cell);
        }

        picture.Save(path);
    }

    private static void WriteHead(SKCanvas canvas)
    {
        Lettering.Write(canvas, Title, new SKPoint(Margin, 38), 13, Ink, isBold: true);
        for (int i = 0; i < Lines.Length; i++)
            Lettering.Write(canvas, Lines[i], new SKPoint(Margin, 64 + (i * 20)), LetterHeight, Ink);
        const float Foot = 112, Step = 24;
        float left = Margin;
        using var pen = new SKPaint { Color = Grid, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
        foreach (int percent in (int[])[0, 25, 50, 75, 100])
        {
            SKRect place = SKRect.Create(left, Foot - 14, Step, 18);
            using var fill = new SKPaint { Color = Shade(percent / 100f) };
            canvas.DrawRect(place, fill);
            canvas.DrawRect(place, pen);
            string text = $"{percent} %";
            Lettering.Write(canvas, text, new SKPoint(left + Step + 6, Foot), LetterHeight, Ink);
            left += Step + Width(text) + 22;
        }
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
                var place = SKRect.Create(left + (column * Cell), top + (row * Cell), Cell, Cell);
                using var fill = new SKPaint { Color = Shade(translation.Attention[row][column]) };
                canvas.DrawRect(place, fill);
                canvas.DrawRect(place, pen);
            }
        }
    }

    private static SKColor Shade(float attention)
    {
        byte grey = (byte)Math.Round(255 * (1 - Math.Clamp(attention, 0, 1)));
        return new SKColor(grey, grey, grey);
    }

    private static float Width(string word) => Lettering.Measure(word, LetterHeight);
}
