using SkiaSharp;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>Pictures of one coloured object, a disc or a square, on a noisy background.</summary>
internal static class DrawnScenes
{
    private const int Count = 1_000;
    private const int Width = 96;
    private const int Height = 80;

    /// <summary>Draws the pictures into a folder, with a file positions.csv that says where the objects are.</summary>
    public static IReadOnlyList<LocatedPicture> Draw(string folder, int seed)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        var pictures = new List<LocatedPicture>(Count);
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        for (int i = 0; i < Count; i++)
        {
            float radius = 4 + (5 * random.NextSingle());
            float x = radius + (random.NextSingle() * (Width - 1 - (2 * radius))), y = radius + (random.NextSingle() * (Height - 1 - (2 * radius)));
            Paint(bitmap, random, x, y, radius);
            string name = FormattableString.Invariant($"scene-{i:0000}.png");
            using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            using (FileStream file = File.Create(Path.Combine(folder, name)))
                png.SaveTo(file);
            pictures.Add(new LocatedPicture { Path = name, X = x, Y = y, Position = [x, y] });
        }

        File.WriteAllLines(
            Path.Combine(folder, LocatedPictures.PositionsFile),
            ["Path,X,Y", .. pictures.Select(picture => FormattableString.Invariant($"{picture.Path},{picture.X},{picture.Y}"))]);
        return pictures;
    }

    private static void Paint(SKBitmap bitmap, Random random, float x, float y, float radius)
    {
        int background = random.Next(30, 120);
        for (int row = 0; row < Height; row++)
        {
            for (int column = 0; column < Width; column++)
                bitmap.SetPixel(column, row, new SKColor(Noisy(), Noisy(), Noisy()));
        }

        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = new SKColor(Bright(), Bright(), Bright()), IsAntialias = true };
        if (random.Next(2) == 0)
            canvas.DrawCircle(x, y, radius, paint);
        else
            canvas.DrawRect(SKRect.Create(x - radius, y - radius, 2 * radius, 2 * radius), paint);

        byte Noisy() => (byte)Math.Clamp(background + random.Next(-25, 26), 0, 255);

        byte Bright() => (byte)random.Next(150, 256);
    }
}
