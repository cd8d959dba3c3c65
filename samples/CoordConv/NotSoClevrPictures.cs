using System.Globalization;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>
/// Where each model thinks the test points are, as in figure 5 of the paper: a row for each split; the data, CoordConv and the deconvolution side by side.
/// </summary>
internal static class NotSoClevrPictures
{
    private const int Panel = 300;
    private const int Gap = 34;
    private const int Margin = 34;
    private const int Head = 92;
    private const int Caption = 46;

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);
    private static readonly SKColor TrainingColour = new(0xC9, 0xCF, 0xD6);
    private static readonly SKColor TestColour = new(0x1C, 0x6D, 0xB5);
    private static readonly SKColor RightColour = new(0x2B, 0x8A, 0x3E);
    private static readonly SKColor WrongColour = new(0xD6, 0x2F, 0x2F);

    private static readonly (SKColor Colour, string Name)[] Legend =
    [
        (TrainingColour, "trained on"), (TestColour, "test"), (RightColour, "painted where it should be"),
        (WrongColour, "painted elsewhere; a line leads from the right place"),
    ];

    public static void Save(string path, NotSoClevr data, IReadOnlyList<(Split Split, PainterRun CoordConv, PainterRun? Deconvolution)> runs)
    {
        int panels = runs.Any(run => run.Deconvolution is not null) ? 3 : 2;
        float width = Math.Max((panels * Panel) + ((panels - 1) * Gap), Legend.Sum(entry => EntryWidth(entry.Name)));
        using var picture = new Picture((2 * Margin) + (int)MathF.Ceiling(width), Head + (runs.Count * (Panel + Caption)) + 10);
        Lettering.Write(picture.Canvas, "Where each model thinks the test points are", new SKPoint(Margin, 34), 13, Ink, isBold: true);
        float left = Margin;
        foreach ((SKColor colour, string name) in Legend)
        {
            using var paint = new SKPaint { Color = colour };
            picture.Canvas.DrawRect(SKRect.Create(left, 54, 10, 10), paint);
            Lettering.Write(picture.Canvas, name, new SKPoint(left + 16, 64), 9, Ink);
            left += EntryWidth(name);
        }

        for (int row = 0; row < runs.Count; row++)
        {
            (Split split, PainterRun coordConv, PainterRun? deconvolution) = runs[row];
            float top = Head + (row * (Panel + Caption));
            SKCanvas canvas = picture.Canvas;
            DrawPanel(picture, 0, top, $"{split.Name} split: {split.Training.Count} train, {split.Test.Count} test");
            DrawPlaces(canvas, data.Side, Place(0, top), split.Training, TrainingColour);
            DrawPlaces(canvas, data.Side, Place(0, top), split.Test, TestColour);
            DrawPainting(picture, data.Side, 1, top, "CoordConv", coordConv.Test);
            if (deconvolution is not null)
                DrawPainting(picture, data.Side, 2, top, "deconvolution", deconvolution.Test);
        }

        picture.Save(path);
    }

    private static void DrawPainting(Picture picture, int side, int column, float top, string name, Painting painting)
    {
        string caption = string.Create(CultureInfo.InvariantCulture, $"{name}: {painting.Percent:F1} % right, mean {painting.Distance:F2} pixels off");
        DrawPanel(picture, column, top, caption);
        SKPoint corner = Place(column, top);
        float cell = (float)Panel / side;
        using var line = new SKPaint { Color = WrongColour.WithAlpha(90), StrokeWidth = 1, IsAntialias = true };
        foreach ((Place truth, Place painted) in painting.Points.Where(point => point.Truth != point.Painted))
            picture.Canvas.DrawLine(Centre(truth), Centre(painted), line);
        DrawPlaces(picture.Canvas, side, corner, painting.Points.Where(point => point.Truth != point.Painted).Select(point => point.Painted), WrongColour);
        DrawPlaces(picture.Canvas, side, corner, painting.Points.Where(point => point.Truth == point.Painted).Select(point => point.Painted), RightColour);

        SKPoint Centre(Place place) => new(corner.X + ((place.X + 0.5f) * cell), corner.Y + ((place.Y + 0.5f) * cell));
    }

    private static void DrawPanel(Picture picture, int column, float top, string caption)
    {
        SKPoint corner = Place(column, top);
        picture.DrawFrame(SKRect.Create(corner.X, corner.Y, Panel, Panel), Ink, 1);
        Lettering.Write(picture.Canvas, caption, new SKPoint(corner.X, corner.Y + Panel + 18), 9, Ink);
    }

    private static void DrawPlaces(SKCanvas canvas, int side, SKPoint corner, IEnumerable<Place> places, SKColor colour)
    {
        float cell = (float)Panel / side, margin = Math.Max(0.3f, cell * 0.12f);
        using var paint = new SKPaint { Color = colour };
        foreach (Place place in places)
        {
            canvas.DrawRect(
                SKRect.Create(corner.X + (place.X * cell) + margin, corner.Y + (place.Y * cell) + margin, cell - (2 * margin), cell - (2 * margin)), paint);
        }
    }

    private static float EntryWidth(string name) => 40 + Lettering.Measure(name, 9);

    private static SKPoint Place(int column, float top) => new(Margin + (column * (Panel + Gap)), top);
}
