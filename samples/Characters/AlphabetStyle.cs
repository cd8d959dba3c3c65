using System.Numerics;

namespace MLNet.Papers.Samples.Characters;

/// <summary>What the characters of one alphabet have in common, and how one of them is made up.</summary>
internal sealed class AlphabetStyle
{
    private const float ShortestLine = 0.4f;

    /// <summary>How long all strokes of a character may be together, in heights of the character: less is a plain line, more is a tangle.</summary>
    private const float ShortestCharacter = 1.25f;
    private const float LongestCharacter = 3.8f;

    private readonly Vector2[] _anchors;
    private readonly float[] _directions;
    private readonly float[] _kinds;
    private readonly float[] _strokeCounts;
    private readonly float _curvature;
    private readonly float _attachment;
    private readonly float _aspect;
    private readonly PenStroke? _stem;
    private readonly float _stemChance;

    public AlphabetStyle(Random random)
    {
        // Places where strokes like to begin and end: a grid that belongs to the alphabet.
        int columns = random.Next(2, 4);
        int rows = random.Next(2, 5);
        _anchors = new Vector2[columns * rows];
        for (int i = 0; i < _anchors.Length; i++)
            _anchors[i] = new Vector2((float)(i % columns) / (columns - 1), (float)(i / columns) / (rows - 1)) + random.Normal2(0.06f);

        float slant = random.Between(-0.3f, 0.3f);
        int directions = random.Next(2, 5);
        _directions = [.. Enumerable.Range(0, directions).Select(i => slant + (MathF.PI * i / directions) + random.Normal(0.1f))];

        // Squares of uniform draws: an alphabet likes a few kinds of strokes and rarely uses the others.
        _kinds = [.. Enum.GetValues<Kind>().Select(_ => MathF.Pow(random.NextSingle(), 2) + 0.03f)];
        _kinds[(int)Kind.Dot] *= 0.3f;
        int usual = random.Pick<int>([1, 2, 2, 3]);
        _strokeCounts = [.. Enumerable.Range(1, 4).Select(count => MathF.Exp(-MathF.Abs(count - usual) * random.Between(0.8f, 1.6f)))];
        _curvature = random.Between(0.25f, 0.6f);
        _attachment = random.Between(0.55f, 0.95f);
        _aspect = random.Between(0.7f, 1.1f);
        _stemChance = random.Chance(0.35f) ? random.Between(0.4f, 0.9f) : 0;
        if (_stemChance > 0)
        {
            _stem = random.Chance(0.6f)
                ? new PenStroke([new(0.5f, 0), new(0.5f + random.Normal(0.1f), 1)], false)
                : new PenStroke([new(0, 0.05f), new(1, random.Normal(0.06f))], false);
        }
    }

    /// <summary>What a stroke looks like.</summary>
    private enum Kind
    {
        Line,
        Arc,
        DeepArc,
        Wave,
        Hook,
        Corner,
        Zigzag,
        Loop,
        LoopWithTail,
        Dot,
    }

    /// <summary>A new character of this alphabet, one to four strokes.</summary>
    public IReadOnlyList<PenStroke> Invent(Random random)
    {
        while (true)
        {
            var strokes = new List<PenStroke>();
            if (_stem is not null && random.Chance(_stemChance))
                strokes.Add(_stem);
            int count = 1 + random.PickWeighted(_strokeCounts);
            for (int tries = 0; strokes.Count < count && tries < 20; tries++)
            {
                PenStroke stroke = InventStroke(random, strokes);
                if (!Retraces(stroke, strokes))
                    strokes.Add(stroke);
            }

            if (Fit(strokes) is { } character)
                return character;
        }
    }

    private PenStroke InventStroke(Random random, List<PenStroke> earlier)
    {
        var kind = (Kind)random.PickWeighted(_kinds);
        if (kind == Kind.Dot && earlier.Count == 0)
            kind = Kind.Line;
        Vector2 from = earlier.Count > 0 && kind != Kind.Dot && random.Chance(_attachment) ? PointOn(random, random.Pick(earlier)) : random.Pick(_anchors);
        Vector2 to = End(random, from);
        Vector2 along = to - from;
        Vector2 across = new Vector2(-along.Y, along.X) * (random.Chance(0.5f) ? 1 : -1);
        float bend = _curvature * random.Between(0.7f, 1.3f);
        Vector2 At(float forward, float sideways) => from + (forward * along) + (sideways * across);

        switch (kind)
        {
            case Kind.Arc:
                return new PenStroke([from, At(0.25f, bend * 0.65f), At(0.6f, bend * 0.8f), to], true);
            case Kind.DeepArc:
                return new PenStroke([from, At(0.1f, bend * 1.1f), At(0.55f, bend * 1.6f), At(1, bend * 1.1f), to], true);
            case Kind.Wave:
                return new PenStroke([from, At(0.25f, bend * 0.7f), At(0.5f, 0), At(0.75f, -bend * 0.7f), to], true);
            case Kind.Hook:
                return new PenStroke([from, At(0.5f, 0), At(0.95f, 0.05f), At(1, bend * 0.6f), At(0.75f, bend * 0.8f)], true);
            case Kind.Corner:
                return new PenStroke([from, At(random.Between(0, 0.6f), bend * 1.3f), to], false);
            case Kind.Zigzag:
                return new PenStroke([from, At(0.4f, bend), At(0.6f, -bend), to], false);
            case Kind.Loop:
                return Circle(random, from, along, 1);
            case Kind.LoopWithTail:
                PenStroke circle = Circle(random, from, along, 0.95f);
                return circle with { Points = [.. circle.Points, At(0.2f, -0.4f * bend), At(0.8f, -0.3f * bend), to] };
            case Kind.Dot:
                return new PenStroke([from, from + (Vector2.Normalize(along) * 0.07f)], false);
            default:
                return new PenStroke([from, At(0.5f, random.Normal(0.02f)), to], true);
        }
    }

    /// <summary>A ring that starts at a point and lies in a direction from there.</summary>
    private static PenStroke Circle(Random random, Vector2 from, Vector2 along, float turns)
    {
        const int Points = 7;
        Vector2 radius = Vector2.Normalize(along) * MathF.Max(0.18f, random.Between(0.25f, 0.4f) * along.Length());
        Vector2 centre = from + radius;
        float flatness = random.Between(0.7f, 1);
        float direction = random.Chance(0.5f) ? 1 : -1;
        Vector2 across = new Vector2(-radius.Y, radius.X) * flatness * direction;
        return new PenStroke(
            [
                .. Enumerable.Range(0, Points + 1).Select(i => MathF.Tau * turns * i / Points)
                    .Select(angle => centre - (MathF.Cos(angle) * radius) + (MathF.Sin(angle) * across)),
            ],
            true);
    }

    private static Vector2 PointOn(Random random, PenStroke stroke)
    {
        // Most strokes start where another one starts or ends; the rest start in the middle of one.
        int point = random.Next(3) switch { 0 => 0, 1 => stroke.Points.Length - 1, _ => stroke.Points.Length / 2 };
        return point > 0 && stroke.Points.Length == 2 && random.Chance(0.4f) ? (stroke.Points[0] + stroke.Points[1]) / 2 : stroke.Points[point];
    }

    private Vector2 End(Random random, Vector2 from)
    {
        float[] weights =
        [
            .. _anchors.Select(anchor => Vector2.Distance(from, anchor) < ShortestLine ? 0 : 0.02f + MathF.Exp(-4 * TurnFromPreferred(anchor - from))),
        ];
        if (weights.Sum() > 0)
            return _anchors[random.PickWeighted(weights)];
        float angle = random.Pick(_directions);
        return from + (new Vector2(MathF.Cos(angle), MathF.Sin(angle)) * 0.5f);
    }

    private float TurnFromPreferred(Vector2 line)
    {
        float angle = MathF.Atan2(line.Y, line.X);
        return _directions.Min(direction => MathF.Abs(MathF.IEEERemainder(angle - direction, MathF.PI)));
    }

    private static bool Retraces(PenStroke stroke, List<PenStroke> earlier)
    {
        Vector2[] existing = [.. earlier.SelectMany(other => other.Trace())];
        return existing.Length > 0 && stroke.Trace().Average(point => Math.Min(0.2f, existing.Min(other => Vector2.Distance(point, other)))) < 0.07f;
    }

    private static float Length(PenStroke stroke)
    {
        Vector2[] trace = [.. stroke.Trace()];
        return trace.Zip(trace.Skip(1), Vector2.Distance).Sum();
    }

    /// <summary>The strokes moved and stretched into the middle of the unit square; null if they make too little or too much for a character.</summary>
    private List<PenStroke>? Fit(List<PenStroke> strokes)
    {
        Vector2[] trace = [.. strokes.SelectMany(stroke => stroke.Trace())];
        var low = new Vector2(trace.Min(point => point.X), trace.Min(point => point.Y));
        var high = new Vector2(trace.Max(point => point.X), trace.Max(point => point.Y));
        Vector2 size = high - low;
        float extent = MathF.Max(size.X / _aspect, size.Y);
        if (extent < 0.4f)
            return null;
        float length = strokes.Sum(stroke => Length(stroke)) / extent;
        if (length is < ShortestCharacter or > LongestCharacter)
            return null;
        // Small characters stay somewhat smaller than the others, as a comma does beside a capital.
        float scale = MathF.Pow(extent, -0.8f);
        Vector2 centre = (low + high) / 2;
        return strokes.ConvertAll(stroke => stroke.Map(point => new Vector2(0.5f) + ((point - centre) * scale)));
    }
}
