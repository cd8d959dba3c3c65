using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;
using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>A picture of the most frequent words of a model, those of similar vectors near to each other.</summary>
internal static class WordMap
{
    private const int MostWords = 250;
    private const int FewestWords = 10;
    private const int Width = 1600;
    private const int Height = 1150;
    private const int Margin = 36;
    private const int Top = 84;

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);

    private static readonly SKColor[] Colours =
    [
        new(0x1C, 0x6D, 0xB5), new(0xC2, 0x4A, 0x0A), new(0x2B, 0x8A, 0x3E), new(0xB4, 0x1F, 0x5E), new(0x6A, 0x45, 0xB8), new(0x8A, 0x6A, 0x00),
        new(0x00, 0x80, 0x88), new(0xC9, 0x2A, 0x2A), new(0x4F, 0x5B, 0x66), new(0x9C, 0x36, 0xB5), new(0x5C, 0x7A, 0x12), new(0x7A, 0x4A, 0x2E),
    ];

    /// <summary>Writes <c>words.png</c> to the output folder, if the model has words enough that the font can write.</summary>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static void Save(MLContext ml, FastTextModel model, SampleRun run)
    {
        (string Word, float[] Vector)[] words = [.. ContentWords.Of(ml, model, MostWords * 4)
            .Where(Lettering.CanWrite)
            .Select(word => (word, Normalized(model.GetWordVector(word))))
            .Where(word => word.Item2.AsSpan().ContainsAnyExcept(0f))
            .Take(MostWords)];
        if (words.Length < FewestWords)
        {
            Console.WriteLine($"No map: it needs at least {FewestWords} words that its font can write, but the model has {words.Length}.");
            return;
        }

        (double X, double Y)[] places = Upright(NeighborEmbedding.Place([.. words.Select(word => word.Vector)], run.Seed, run.Cancellation));
        int[] regions = Regions(ml, places);
        string[] labels = [.. words.Select(word => word.Word)];
        float[] heights = [.. Enumerable.Range(0, words.Length).Select(rank => 13f - (4f * rank / words.Length))];
        SKRect[] boxes = LabelLayout.Arrange(places, labels, heights, SKRect.Create(Margin, Top, Width - (2 * Margin), Height - Top - Margin));

        using var picture = new Picture(Width, Height);
        string title = Invariant($"The {words.Length} most frequent content words, by their vectors");
        Lettering.Write(picture.Canvas, title, new SKPoint(Margin, 38), 15, Ink, isBold: true);
        const string Legend = "t-SNE of the cosines between them; large letters are frequent words, colours are regions of the map";
        Lettering.Write(picture.Canvas, Legend, new SKPoint(Margin, 62), 9, Ink);
        for (int i = 0; i < labels.Length; i++)
        {
            var foot = new SKPoint(boxes[i].MidX, boxes[i].MidY + (heights[i] / 2));
            Lettering.Write(picture.Canvas, labels[i], foot, heights[i], Colours[regions[i]], SKTextAlign.Center);
        }

        picture.Save(run.OutputPath("words.png"));
        Console.WriteLine($"Written: {run.OutputPath("words.png")}, a map of {words.Length} words.");
    }

    private static float[] Normalized(float[] vector)
    {
        float norm = TensorPrimitives.Norm<float>(vector);
        if (norm > 0)
            TensorPrimitives.Divide(vector, norm, vector);
        return vector;
    }

    // Turned so that the map is wide rather than high, as the sheet is.
    private static (double X, double Y)[] Upright((double X, double Y)[] places)
    {
        double meanX = places.Average(place => place.X), meanY = places.Average(place => place.Y);
        double xx = 0, xy = 0, yy = 0;
        foreach ((double x, double y) in places)
        {
            xx += (x - meanX) * (x - meanX);
            xy += (x - meanX) * (y - meanY);
            yy += (y - meanY) * (y - meanY);
        }

        (double sine, double cosine) = Math.SinCos(0.5 * Math.Atan2(2 * xy, xx - yy));
        return [.. places.Select(place =>
            (((place.X - meanX) * cosine) + ((place.Y - meanY) * sine), ((place.Y - meanY) * cosine) - ((place.X - meanX) * sine)))];
    }

    private static int[] Regions(MLContext ml, (double X, double Y)[] places)
    {
        IDataView rows = ml.Data.LoadFromEnumerable(places.Select(place => new Place { Position = [(float)place.X, (float)place.Y] }).ToArray());
        var options = new Microsoft.ML.Trainers.KMeansTrainer.Options
        {
            FeatureColumnName = nameof(Place.Position),
            NumberOfClusters = Math.Min(Colours.Length, places.Length / 4),
            NumberOfThreads = 1,
        };
        IDataView regions = ml.Clustering.Trainers.KMeans(options).Fit(rows).Transform(rows);
        return [.. regions.GetColumn<uint>("PredictedLabel").Select(region => (int)region - 1)];
    }

    private sealed class Place
    {
        [VectorType(2)]
        public float[] Position { get; set; } = [];
    }
}
