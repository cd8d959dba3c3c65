using System.Numerics;

namespace MLNet.Papers.Samples.Characters;

/// <summary>
/// What a pen does between touching the paper and leaving it. A character fills about the square from (0, 0) to (1, 1), with y pointing down.
/// </summary>
/// <param name="Points">What the pen passes through, in order; at least two points.</param>
/// <param name="IsSmooth">Whether the pen rounds the points in between (a Catmull-Rom spline) or turns sharply at them.</param>
internal sealed record PenStroke(Vector2[] Points, bool IsSmooth)
{
    private const int PiecesPerSegment = 6;

    /// <summary>The line the pen leaves, as points close to each other.</summary>
    public IEnumerable<Vector2> Trace()
    {
        yield return Points[0];
        for (int i = 0; i + 1 < Points.Length; i++)
        {
            (Vector2 from, Vector2 to) = (Points[i], Points[i + 1]);
            // Beyond the ends the spline continues as a mirror image, so that it leaves them in the direction of the next point.
            Vector2 before = i > 0 ? Points[i - 1] : (2 * from) - to;
            Vector2 after = i + 2 < Points.Length ? Points[i + 2] : (2 * to) - from;
            for (int piece = 1; piece <= PiecesPerSegment; piece++)
            {
                float t = (float)piece / PiecesPerSegment;
                yield return IsSmooth ? CatmullRom(before, from, to, after, t) : Vector2.Lerp(from, to, t);
            }
        }
    }

    /// <summary>The same stroke with every point moved by a function.</summary>
    public PenStroke Map(Func<Vector2, Vector2> move) => this with { Points = [.. Points.Select(move)] };

    private static Vector2 CatmullRom(Vector2 before, Vector2 from, Vector2 to, Vector2 after, float t) =>
        0.5f * (
            (2 * from) + (t * (to - before)) + (t * t * ((2 * before) - (5 * from) + (4 * to) - after)) + (t * t * t * ((3 * (from - to)) + after - before)));
}
