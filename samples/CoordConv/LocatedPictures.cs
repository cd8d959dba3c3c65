using System.Globalization;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>A picture and where its object is, as a pipeline sees it.</summary>
internal sealed class LocatedPicture
{
    /// <summary>The file, relative to its folder.</summary>
    public string Path { get; set; } = "";

    /// <summary>Pixels from the left.</summary>
    public float X { get; set; }

    /// <summary>Pixels from the top.</summary>
    public float Y { get; set; }

    /// <summary>Both.</summary>
    [VectorType(2)]
    public float[] Position { get; set; } = [];

    /// <summary>How far a place is from the object, in pixels.</summary>
    public double DistanceTo((float X, float Y) place) => Math.Sqrt(Math.Pow(X - place.X, 2) + Math.Pow(Y - place.Y, 2));
}

/// <summary>Reads pictures with the positions of their objects, and shows where models find them.</summary>
internal static class LocatedPictures
{
    public const string PositionsFile = "positions.csv";

    private const int Fewest = 20;
    private const int Shown = 12;
    private const int Columns = 4;
    private const int Cell = 280;
    private const int Gap = 16;
    private const int Margin = 24;
    private const int Head = 92;
    private const int Caption = 40;
    private const float Reach = 30;
    private const float Inner = 34;
    private const float Outer = 50;
    private const float LetterHeight = 9;

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);
    private static readonly SKColor Shade = new(0x10, 0x10, 0x10);
    private static readonly SKColor TruthColour = new(0xFF, 0xFF, 0xFF);
    private static readonly SKColor CoordConvColour = new(0x3F, 0xE0, 0x6C);
    private static readonly SKColor PlainColour = new(0xFF, 0x8A, 0x3C);

    /// <summary>Reads a folder.</summary>
    /// <exception cref="InputException">The folder has too few pictures, or a picture or a position cannot be read.</exception>
    public static IReadOnlyList<LocatedPicture> Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException($"'{folder}' is no folder.");
        using var files = new FileTree(folder);
        IReadOnlyList<LocatedPicture> pictures = files.Paths.Contains(PositionsFile)
            ?
            [
                .. File.ReadLines(System.IO.Path.Combine(folder, PositionsFile)).Skip(1).Where(line => line.Length > 0)
                    .Select((line, i) => Parse(folder, line, i + 2)),
            ]
            : [.. files.Paths.Where(ImageReader.IsImage).Select(path => Measure(folder, path))];
        return pictures.Count >= Fewest ? pictures : throw new InputException($"'{folder}' must have at least {Fewest} pictures, but has {pictures.Count}.");
    }

    /// <summary>
    /// Draws some pictures, enlarged, with marks around the objects and nothing on them: corners of a square where the object is, open crosses where two
    /// models find it.
    /// </summary>
    /// <param name="path">The PNG file to write.</param>
    /// <param name="folder">The folder of the pictures.</param>
    /// <param name="pictures">Pictures that no model was trained on.</param>
    /// <param name="coordConv">Where the features with coordinates place the object, for each picture.</param>
    /// <param name="plain">Where those without place it.</param>
    public static void Save(
        string path,
        string folder,
        IReadOnlyList<LocatedPicture> pictures,
        IReadOnlyList<(float X, float Y)> coordConv,
        IReadOnlyList<(float X, float Y)> plain)
    {
        int shown = Math.Min(pictures.Count, Shown), rows = (shown + Columns - 1) / Columns;
        SKBitmap[] bitmaps = [.. pictures.Take(shown).Select(picture => Decode(folder, picture.Path))];
        int height = (int)MathF.Ceiling(bitmaps.Max(bitmap => bitmap.Height * Scale(bitmap)));
        using var sheet = new Picture((2 * Margin) + (Columns * (Cell + Gap)) - Gap, Head + (rows * (height + Caption)) + (Margin / 2));
        const string Title = "Where a linear model on image features finds the object, in pictures that were not trained on";
        Lettering.Write(sheet.Canvas, Title, new SKPoint(Margin, 38), 12, Ink, isBold: true);
        WriteLegend(sheet.Canvas);
        for (int i = 0; i < shown; i++)
        {
            SKBitmap bitmap = bitmaps[i];
            LocatedPicture truth = pictures[i];
            float left = Margin + (i % Columns * (Cell + Gap)), top = Head + (i / Columns * (height + Caption)), scale = Scale(bitmap);
            SKRect place = SKRect.Create(left, top, bitmap.Width * scale, bitmap.Height * scale);
            using SKImage image = SKImage.FromBitmap(bitmap);
            sheet.Canvas.Save();
            sheet.Canvas.ClipRect(place);
            sheet.Canvas.DrawImage(image, place, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
            SKPoint middle = Point(truth.X, truth.Y);
            DrawCorners(sheet.Canvas, middle, Reach);
            sheet.Canvas.ClipRect(SKRect.Create(middle.X - Reach, middle.Y - Reach, 2 * Reach, 2 * Reach), SKClipOperation.Difference);
            DrawOpenCross(sheet.Canvas, Point(plain[i].X, plain[i].Y), PlainColour);
            DrawOpenCross(sheet.Canvas, Point(coordConv[i].X, coordConv[i].Y), CoordConvColour);
            sheet.Canvas.Restore();
            string distances = string.Create(
                CultureInfo.InvariantCulture, $"pixels off: CoordConv {truth.DistanceTo(coordConv[i]):F1}, plain {truth.DistanceTo(plain[i]):F1}");
            Lettering.Write(sheet.Canvas, distances, new SKPoint(left, place.Bottom + 18), LetterHeight, Ink);
            bitmap.Dispose();

            SKPoint Point(float x, float y) => new(left + ((x + 0.5f) * scale), top + ((y + 0.5f) * scale));
        }

        sheet.Save(path);

        static float Scale(SKBitmap bitmap) => (float)Cell / Math.Max(bitmap.Width, bitmap.Height);
    }

    private static void WriteLegend(SKCanvas canvas)
    {
        float left = Margin;
        Entry("the object", middle => DrawCorners(canvas, middle, 8));
        Entry("found with CoordConv", middle => DrawOpenCross(canvas, middle, CoordConvColour, 4, 11));
        Entry("found with plain convolution", middle => DrawOpenCross(canvas, middle, PlainColour, 4, 11));

        void Entry(string name, Action<SKPoint> draw)
        {
            using var shade = new SKPaint { Color = new SKColor(0x50, 0x50, 0x50) };
            canvas.DrawRect(SKRect.Create(left, 52, 28, 28), shade);
            draw(new SKPoint(left + 14, 66));
            Lettering.Write(canvas, name, new SKPoint(left + 38, 66 + (LetterHeight / 2)), LetterHeight, Ink);
            left += 38 + Lettering.Measure(name, LetterHeight) + 34;
        }
    }

    private static void DrawCorners(SKCanvas canvas, SKPoint middle, float reach)
    {
        float length = reach * 0.45f;
        using var corners = new SKPath();
        foreach ((int x, int y) in ((int, int)[])[(-1, -1), (1, -1), (1, 1), (-1, 1)])
        {
            SKPoint corner = middle + new SKPoint(x * reach, y * reach);
            corners.MoveTo(corner.X - (x * length), corner.Y);
            corners.LineTo(corner);
            corners.LineTo(corner.X, corner.Y - (y * length));
        }

        Draw(canvas, corners, TruthColour);
    }

    private static void DrawOpenCross(SKCanvas canvas, SKPoint middle, SKColor colour, float inner = Inner, float outer = Outer)
    {
        using var cross = new SKPath();
        foreach ((int x, int y) in ((int, int)[])[(-1, 0), (1, 0), (0, -1), (0, 1)])
        {
            cross.MoveTo(middle.X + (x * inner), middle.Y + (y * inner));
            cross.LineTo(middle.X + (x * outer), middle.Y + (y * outer));
        }

        cross.AddCircle(middle.X, middle.Y, 1);
        Draw(canvas, cross, colour);
    }

    // Dark beside the line, so that it shows on every picture.
    private static void Draw(SKCanvas canvas, SKPath path, SKColor colour)
    {
        foreach ((SKColor line, float width) in ((SKColor, float)[])[(Shade, 4.5f), (colour, 2.5f)])
        {
            using var pen = new SKPaint { Color = line, Style = SKPaintStyle.Stroke, StrokeWidth = width, IsAntialias = true };
            canvas.DrawPath(path, pen);
        }
    }

    private static LocatedPicture Parse(string folder, string line, int number)
    {
        string[] parts = line.Split(',');
        if (parts.Length < 3 || !float.TryParse(parts[^2], CultureInfo.InvariantCulture, out float x)
            || !float.TryParse(parts[^1], CultureInfo.InvariantCulture, out float y))
        {
            throw new InputException($"'{folder}/{PositionsFile}', line {number}: it must be Path,X,Y, but is '{line}'.");
        }

        string path = string.Join(',', parts[..^2]).Trim('"');
        if (!File.Exists(System.IO.Path.Combine(folder, path)))
            throw new InputException($"'{folder}/{PositionsFile}', line {number}: there is no picture '{path}'.");
        return new LocatedPicture { Path = path, X = x, Y = y, Position = [x, y] };
    }

    // The middle of what differs from the mean colour of the picture's edge by more than half of the greatest difference.
    private static LocatedPicture Measure(string folder, string path)
    {
        using SKBitmap bitmap = Decode(folder, path);
        SKColor[] pixels = bitmap.Pixels;
        int width = bitmap.Width, height = bitmap.Height;
        SKColor[] edge =
        [
            .. Enumerable.Range(0, pixels.Length).Where(i => i % width == 0 || i % width == width - 1 || i < width || i >= pixels.Length - width)
                .Select(i => pixels[i]),
        ];
        double red = edge.Average(pixel => pixel.Red), green = edge.Average(pixel => pixel.Green), blue = edge.Average(pixel => pixel.Blue);
        double[] differences = [.. pixels.Select(pixel => Math.Abs(pixel.Red - red) + Math.Abs(pixel.Green - green) + Math.Abs(pixel.Blue - blue))];
        double least = differences.Max() / 2;
        if (least == 0)
            throw new InputException($"'{folder}': '{path}' has one colour throughout; there is nothing to find in it.");
        int[] inside = [.. Enumerable.Range(0, pixels.Length).Where(i => differences[i] > least)];
        (float x, float y) = ((float)inside.Average(i => i % width), (float)inside.Average(i => i / width));
        return new LocatedPicture { Path = path, X = x, Y = y, Position = [x, y] };
    }

    private static SKBitmap Decode(string folder, string path) =>
        SKBitmap.Decode(System.IO.Path.Combine(folder, path)) ?? throw new InputException($"'{folder}': '{path}' is not an image that can be read.");
}
