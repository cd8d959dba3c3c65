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
}

/// <summary>Reads pictures with the positions of their objects, and shows where a model finds them.</summary>
internal static class LocatedPictures
{
    public const string PositionsFile = "positions.csv";

    private const int Fewest = 20;
    private const int Columns = 8;
    private const int Cell = 120;

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

    /// <summary>Draws pictures with crosses where their objects are found: a white one at the model's answer, a small square at the truth.</summary>
    public static void Save(string path, string folder, IReadOnlyList<LocatedPicture> pictures, IReadOnlyList<(float X, float Y)> places)
    {
        int shown = Math.Min(pictures.Count, 3 * Columns), rows = (shown + Columns - 1) / Columns;
        using var sheet = new Picture(20 + (Columns * (Cell + 10)), 60 + (rows * (Cell + 10)));
        Lettering.Write(
            sheet.Canvas, "Cross: where the linear model finds the object. Square: where it is.", new SKPoint(20, 34), 12, new SKColor(0x33, 0x33, 0x33),
            isBold: true);
        for (int i = 0; i < shown; i++)
        {
            using SKBitmap bitmap = Decode(folder, pictures[i].Path);
            float left = 20 + (i % Columns * (Cell + 10)), top = 54 + (i / Columns * (Cell + 10)), scale = (float)Cell / Math.Max(bitmap.Width, bitmap.Height);
            using SKImage image = SKImage.FromBitmap(bitmap);
            sheet.Canvas.DrawImage(image, SKRect.Create(left, top, bitmap.Width * scale, bitmap.Height * scale));
            (float x, float y) = (left + ((places[i].X + 0.5f) * scale), top + ((places[i].Y + 0.5f) * scale));
            foreach ((SKColor colour, float width) in ((SKColor, float)[])[(SKColors.Black, 4), (SKColors.White, 2)])
            {
                using var pen = new SKPaint { Color = colour, StrokeWidth = width, IsAntialias = true };
                sheet.Canvas.DrawLine(x - 7, y, x + 7, y, pen);
                sheet.Canvas.DrawLine(x, y - 7, x, y + 7, pen);
            }

            sheet.DrawFrame(
                SKRect.Create(left + ((pictures[i].X + 0.5f) * scale) - 4, top + ((pictures[i].Y + 0.5f) * scale) - 4, 8, 8), new SKColor(0xD6, 0x2F, 0x2F),
                1.5f);
        }

        sheet.Save(path);
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
