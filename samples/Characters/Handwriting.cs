using System.Numerics;
using SkiaSharp;

namespace MLNet.Papers.Samples.Characters;

/// <summary>The hand of one writer: draws a character a little differently every time, and always in the writer's own way.</summary>
internal sealed class Handwriting
{
    /// <summary>The part of the image's side that a character of ordinary size fills.</summary>
    private const float Fill = 0.66f;

    private static readonly Handwriting Broad = new(penWidth: 4);

    private readonly Matrix3x2 _habit;
    private readonly float _penWidth;
    private readonly float _looseness;
    private readonly float _tremor;

    public Handwriting(Random random)
    {
        _habit = Affine(random, rotation: 0.09f, shear: 0.14f, scale: 0.1f);
        _penWidth = random.Between(1.1f, 1.9f);
        _looseness = random.Between(0.6f, 1.3f);
        _tremor = random.Between(0.001f, 0.006f);
    }

    /// <summary>A hand that draws every character alike.</summary>
    private Handwriting(float penWidth)
    {
        _habit = Matrix3x2.Identity;
        _penWidth = penWidth;
    }

    /// <summary>Draws a character anew.</summary>
    /// <returns>The image in rows from the top, ink 1 and paper 0.</returns>
    public float[] Draw(IReadOnlyList<PenStroke> character, Random random, SKSurface paper)
    {
        Matrix3x2 whole = _habit * Affine(random, rotation: 0.08f, shear: 0.08f, scale: 0.09f);
        Vector2 place = random.Normal2(0.06f);
        // A smooth warp: parts of a character that are close to each other move together.
        Vector2 bendX = random.Normal2(0.12f * _looseness);
        Vector2 bendY = random.Normal2(0.12f * _looseness);
        Vector2 Place(Vector2 point)
        {
            Vector2 centred = point - new Vector2(0.5f);
            centred += (centred.X * centred.X * bendX) + (centred.Y * centred.Y * bendY);
            return (Vector2.Transform(centred, whole) + place) * Fill;
        }

        SKCanvas canvas = paper.Canvas;
        canvas.Clear(SKColors.Transparent);
        using var pen = new SKPaint
        {
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeCap = SKStrokeCap.Round,
            StrokeJoin = SKStrokeJoin.Round,
            StrokeWidth = _penWidth * random.Between(0.9f, 1.1f),
        };
        Vector2[][] traces = [.. character.Select(stroke => Loosen(stroke, random).Trace().Select(Place).ToArray())];
        Vector2 back = IntoFrame(traces);
        foreach (Vector2[] trace in traces)
        {
            using SKPath path = Path(trace.Select(point => point + back), random);
            canvas.DrawPath(path, pen);
        }

        return Read(paper);
    }

    /// <summary>The plain shape of a character, in a pen so broad that two shapes can be compared pixel by pixel.</summary>
    public static float[] Shape(IReadOnlyList<PenStroke> character, SKSurface paper) => Broad.Draw(character, new Random(0), paper);

    /// <summary>A surface to draw on, to be used by one thread at a time.</summary>
    public static SKSurface NewPaper() => SKSurface.Create(new SKImageInfo(CharacterImage.Side, CharacterImage.Side, SKColorType.Alpha8, SKAlphaType.Premul));

    private static Matrix3x2 Affine(Random random, float rotation, float shear, float scale) =>
        Matrix3x2.CreateScale(1 + random.Normal(scale), 1 + random.Normal(scale)) * Matrix3x2.CreateSkew(random.Normal(shear), 0) * Matrix3x2.CreateRotation(
            random.Normal(rotation));

    /// <summary>The stroke as it comes out this time: turned and shifted a little, its points missed by a little, begun or ended early or late.</summary>
    private PenStroke Loosen(PenStroke stroke, Random random)
    {
        Vector2 middle = stroke.Points.Aggregate((sum, point) => sum + point) / stroke.Points.Length;
        Matrix3x2 turn = Affine(random, rotation: 0.07f * _looseness, shear: 0.03f, scale: 0.06f * _looseness);
        Vector2 shift = random.Normal2(0.025f * _looseness);
        PenStroke loose = stroke.Map(point => middle + Vector2.Transform(point - middle, turn) + shift + random.Normal2(0.025f * _looseness));
        Vector2[] points = loose.Points;
        points[0] += (points[0] - points[1]) * random.Normal(0.06f);
        points[^1] += (points[^1] - points[^2]) * random.Normal(0.08f);
        return loose;
    }

    /// <summary>The smallest shift that brings a drawing back from the edges of the paper.</summary>
    private static Vector2 IntoFrame(Vector2[][] traces)
    {
        var edge = new Vector2(0.46f);
        Vector2 low = traces.SelectMany(trace => trace).Aggregate(Vector2.Min);
        Vector2 high = traces.SelectMany(trace => trace).Aggregate(Vector2.Max);
        return Vector2.Max(-edge - low, Vector2.Zero) + Vector2.Min(edge - high, Vector2.Zero);
    }

    private SKPath Path(IEnumerable<Vector2> trace, Random random)
    {
        var path = new SKPath();
        Vector2 slip = Vector2.Zero;
        foreach (Vector2 point in trace)
        {
            slip = (0.7f * slip) + random.Normal2(_tremor);
            Vector2 pixel = (new Vector2(0.5f) + point + slip) * CharacterImage.Side;
            if (path.IsEmpty)
                path.MoveTo(pixel.X, pixel.Y);
            else
                path.LineTo(pixel.X, pixel.Y);
        }

        return path;
    }

    private static float[] Read(SKSurface paper)
    {
        using SKPixmap pixmap = paper.PeekPixels();
        ReadOnlySpan<byte> bytes = pixmap.GetPixelSpan();
        var pixels = new float[CharacterImage.Side * CharacterImage.Side];
        for (int row = 0; row < CharacterImage.Side; row++)
        {
            for (int column = 0; column < CharacterImage.Side; column++)
                pixels[(row * CharacterImage.Side) + column] = bytes[(row * pixmap.RowBytes) + column] / 255f;
        }

        return pixels;
    }
}
