using System.Numerics.Tensors;
using MLNet.Papers.Samples.FastText;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.Elmo;

/// <summary>A picture of a word's occurrences, those of similar vectors near to each other, with the senses of some of them.</summary>
internal static class SensePicture
{
    private const int Width = 1400;
    private const int Height = 900;
    private const int Margin = 60;
    private const int Top = 100;
    private const float LetterHeight = 9;
    private const float NamedRadius = 7;
    private const string Legend = "t-SNE of the cosines between them; coloured are the senses named by hand, with the words around, grey are all others";

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);
    private static readonly SKColor Unnamed = new(0xB8, 0xBE, 0xC4);
    private static readonly SKColor[] Colours = [new(0x1C, 0x6D, 0xB5), new(0xC2, 0x4A, 0x0A), new(0x2B, 0x8A, 0x3E), new(0xB4, 0x1F, 0x5E)];

    /// <summary>Writes <c>senses.png</c> to the output folder.</summary>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static void Save(SampleRun run, string word, IReadOnlyList<WordOccurrence> occurrences, float[][] vectors)
    {
        (double X, double Y)[] places = NeighborEmbedding.Place([.. vectors.Select(Normalized)], run.Seed, run.Cancellation);
        double left = places.Min(place => place.X),
            right = places.Max(place => place.X),
            low = places.Min(place => place.Y),
            high = places.Max(place => place.Y);
        string[] senses = [.. occurrences.Select(occurrence => occurrence.Sense).Where(sense => sense.Length > 0).Distinct()];
        using var picture = new Picture(Width, Height);
        Lettering.Write(picture.Canvas, $"Occurrences of '{word}' by the top layer of ELMo", new SKPoint(Margin, 38), 15, Ink, isBold: true);
        Lettering.Write(picture.Canvas, Legend, new SKPoint(Margin, 62), LetterHeight, Ink);
        float legend = Margin;
        for (int i = 0; i < senses.Length; i++)
        {
            Lettering.Write(picture.Canvas, senses[i], new SKPoint(legend, 84), 11, Colours[i % Colours.Length], isBold: true);
            legend += Lettering.Measure(senses[i], 11, isBold: true) + 40;
        }

        SKPoint[] points =
        [
            .. places.Select(place => new SKPoint(Across(place.X, left, right, Margin, Width - Margin), Across(place.Y, low, high, Top + 20, Height - Margin))),
        ];
        int[] named = [.. Enumerable.Range(0, places.Length).Where(i => occurrences[i].Sense.Length > 0)];
        string[] contexts = [.. named.Select(i => string.Concat(occurrences[i].Context(2).Where(letter => letter == ' ' || Lettering.CanWrite($"{letter}"))))];
        SKRect[] boxes = LabelLayout.Near(
            [.. named.Select(i => points[i])], contexts, LetterHeight, NamedRadius, SKRect.Create(Margin, Top, Width - (2 * Margin), Height - Top));

        // Those with a sense are drawn last, so that none is hidden.
        foreach (SKPoint point in points.Where((_, i) => occurrences[i].Sense.Length == 0))
            Dot(point, 4, Unnamed);
        for (int i = 0; i < named.Length; i++)
        {
            SKPoint point = points[named[i]];
            SKColor colour = Colours[Array.IndexOf(senses, occurrences[named[i]].Sense) % Colours.Length];
            using var line = new SKPaint { Color = colour.WithAlpha(0x60), IsAntialias = true, StrokeWidth = 1, IsStroke = true };
            picture.Canvas.DrawLine(point, new SKPoint(boxes[i].MidX, boxes[i].MidY), line);
            Dot(point, NamedRadius, colour);
        }

        using var paper = new SKPaint { Color = SKColors.White.WithAlpha(0xC0) };
        for (int i = 0; i < named.Length; i++)
        {
            picture.Canvas.DrawRect(boxes[i], paper);
            Lettering.Write(
                picture.Canvas, contexts[i], new SKPoint(boxes[i].MidX, boxes[i].MidY + (LetterHeight / 2)), LetterHeight,
                Colours[Array.IndexOf(senses, occurrences[named[i]].Sense) % Colours.Length], SKTextAlign.Center);
        }

        picture.Save(run.OutputPath("senses.png"));
        Console.WriteLine($"Written: {run.OutputPath("senses.png")}, {occurrences.Count} occurrences of '{word}'.");

        void Dot(SKPoint point, float radius, SKColor colour)
        {
            using var fill = new SKPaint { Color = colour, IsAntialias = true };
            picture.Canvas.DrawCircle(point, radius, fill);
        }
    }

    private static float Across(double value, double least, double most, float from, float to) =>
        (float)(from + ((to - from) * (value - least) / Math.Max(1e-12, most - least)));

    private static float[] Normalized(float[] vector)
    {
        float[] unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, Math.Max(1e-12f, TensorPrimitives.Norm<float>(vector)), unit);
        return unit;
    }
}
