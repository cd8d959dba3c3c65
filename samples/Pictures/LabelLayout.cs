using SkiaSharp;

namespace MLNet.Papers.Samples.Pictures;

/// <summary>Finds places for words on a map, near to where they belong, so that none covers another.</summary>
internal static class LabelLayout
{
    private const int Rounds = 2_000;
    private const int Rings = 8;
    private const float GapX = 7;
    private const float GapY = 5;

    /// <summary>The boxes of labels.</summary>
    /// <param name="places">Where the labels belong, in any unit; they are spread over the sheet.</param>
    /// <param name="labels">The words.</param>
    /// <param name="heights">Their heights, in pixels.</param>
    /// <param name="sheet">Where they may be.</param>
    public static SKRect[] Arrange(IReadOnlyList<(double X, double Y)> places, IReadOnlyList<string> labels, IReadOnlyList<float> heights, SKRect sheet)
    {
        double left = places.Min(place => place.X), right = places.Max(place => place.X);
        double low = places.Min(place => place.Y), high = places.Max(place => place.Y);
        var boxes = new SKRect[labels.Count];
        for (int i = 0; i < boxes.Length; i++)
        {
            float width = Lettering.Measure(labels[i], heights[i]) + GapX, height = (heights[i] * 1.4f) + GapY;
            float x = sheet.Left + (float)((places[i].X - left) / Math.Max(right - left, 1e-9)) * (sheet.Width - width);
            float y = sheet.Top + (float)((places[i].Y - low) / Math.Max(high - low, 1e-9)) * (sheet.Height - height);
            boxes[i] = SKRect.Create(x, y, width, height);
        }

        for (int round = 0; round < Rounds && Separate(boxes, sheet); round++)
        {
        }

        return boxes;
    }

    /// <summary>The boxes of labels of one height, each near to its point and on none.</summary>
    /// <param name="points">The middles of the points.</param>
    /// <param name="labels">The words.</param>
    /// <param name="height">Their height, in pixels.</param>
    /// <param name="radius">How far a point reaches, in pixels.</param>
    /// <param name="sheet">Where the labels may be.</param>
    public static SKRect[] Near(IReadOnlyList<SKPoint> points, IReadOnlyList<string> labels, float height, float radius, SKRect sheet)
    {
        List<SKRect> taken = [.. points.Select(point => SKRect.Create(point.X - radius, point.Y - radius, 2 * radius, 2 * radius))];
        return
        [
            .. points.Zip(labels, (point, label) =>
            {
                var size = new SKSize(Lettering.Measure(label, height) + GapX, (height * 1.4f) + GapY);
                SKRect box = Around(point, size, radius).Select(place => Inside(place, sheet)).MinBy(place => taken.Sum(other => Shared(place, other)));
                taken.Add(box);
                return box;
            }),
        ];
    }

    // Above, below and beside a point, the nearest first.
    private static IEnumerable<SKRect> Around(SKPoint point, SKSize size, float radius)
    {
        for (int ring = 0; ring < Rings; ring++)
        {
            float x = (size.Width / 2) + radius + (ring * size.Height / 2), y = (size.Height / 2) + radius + (ring * size.Height / 2);
            foreach ((float right, float down) in ((float, float)[])[(0, -y), (0, y), (x, 0), (-x, 0), (x / 2, -y), (-x / 2, -y), (x / 2, y), (-x / 2, y)])
                yield return SKRect.Create(point.X + right - (size.Width / 2), point.Y + down - (size.Height / 2), size.Width, size.Height);
        }
    }

    private static float Shared(SKRect first, SKRect second) =>
        Math.Max(0, Math.Min(first.Right, second.Right) - Math.Max(first.Left, second.Left)) *
        Math.Max(0, Math.Min(first.Bottom, second.Bottom) - Math.Max(first.Top, second.Top));

    private static SKRect Inside(SKRect box, SKRect sheet) => SKRect.Create(
        Math.Clamp(box.Left, sheet.Left, sheet.Right - box.Width), Math.Clamp(box.Top, sheet.Top, sheet.Bottom - box.Height), box.Width, box.Height);

    /// <summary>Pushes boxes that cover each other apart, along the shorter way.</summary>
    /// <returns>Whether there were any.</returns>
    private static bool Separate(SKRect[] boxes, SKRect sheet)
    {
        bool hasMoved = false;
        for (int i = 0; i < boxes.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                float overX = Math.Min(boxes[i].Right, boxes[j].Right) - Math.Max(boxes[i].Left, boxes[j].Left);
                float overY = Math.Min(boxes[i].Bottom, boxes[j].Bottom) - Math.Max(boxes[i].Top, boxes[j].Top);
                if (overX <= 0.5f || overY <= 0.5f)
                    continue;
                hasMoved = true;
                if (overX < overY)
                    Push(i, j, overX * (boxes[i].MidX < boxes[j].MidX ? -0.5f : 0.5f), 0);
                else
                    Push(i, j, 0, overY * (boxes[i].MidY < boxes[j].MidY ? -0.5f : 0.5f));
            }
        }

        return hasMoved;

        void Push(int first, int second, float x, float y)
        {
            boxes[first] = Moved(boxes[first], x, y);
            boxes[second] = Moved(boxes[second], -x, -y);
        }

        SKRect Moved(SKRect box, float x, float y) => Inside(SKRect.Create(box.Left + x, box.Top + y, box.Width, box.Height), sheet);
    }
}
