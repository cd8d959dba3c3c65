using SkiaSharp;

namespace MLNet.Papers.Samples.Pictures;

/// <summary>Finds places for words on a map, near to where they belong, so that none covers another.</summary>
internal static class LabelLayout
{
    private const int Rounds = 2_000;
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

        return Apart(boxes, sheet);
    }

    /// <summary>The boxes of labels of one height, each near to a point of the picture.</summary>
    public static SKRect[] Near(IReadOnlyList<SKPoint> points, IReadOnlyList<string> labels, float height, SKRect sheet) => Apart(
        [
            .. points.Zip(labels, (point, label) =>
            {
                float width = Lettering.Measure(label, height) + GapX, tall = (height * 1.4f) + GapY;
                return SKRect.Create(
                    Math.Clamp(point.X - (width / 2), sheet.Left, sheet.Right - width), Math.Clamp(point.Y - (tall / 2), sheet.Top, sheet.Bottom - tall), width,
                    tall);
            }),
        ],
        sheet);

    private static SKRect[] Apart(SKRect[] boxes, SKRect sheet)
    {
        for (int round = 0; round < Rounds && Separate(boxes, sheet); round++)
        {
        }

        return boxes;
    }

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

        SKRect Moved(SKRect box, float x, float y) => SKRect.Create(
            Math.Clamp(box.Left + x, sheet.Left, sheet.Right - box.Width),
            Math.Clamp(box.Top + y, sheet.Top, sheet.Bottom - box.Height),
            box.Width,
            box.Height);
    }
}
