using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>A painter that was trained, and what it does on the places it was trained on and on others.</summary>
/// <param name="Parameters">How many numbers the network has.</param>
/// <param name="Seconds">How long it was trained.</param>
/// <param name="Training">On the places it was trained on.</param>
/// <param name="Test">On the others.</param>
internal sealed record PainterRun(long Parameters, double Seconds, Painting Training, Painting Test)
{
    /// <summary>Trains a painter.</summary>
    public static PainterRun Train(
        SampleRun run, NotSoClevr data, Split split, CoordinatePainterOptions options, IProgress<TrainingProgress> progress, Func<TimeSpan> worked)
    {
        MLContext ml = run.NewContext();
        options.Progress = progress;
        options.Height = options.Width = data.Side;
        string image = options.Output == PaintedOutput.PixelSoftmax ? "Pixel" : "Square";
        using CoordinatePainterTransformer model = ml.Generation.Trainers.CoordinatePainter(image, "Centre", options).Fit(data.View(ml, split.Training));
        double seconds = worked().TotalSeconds;
        return new PainterRun(
            model.ParameterCount, seconds, Painting.Of(ml, model, data, split.Training, options.Output),
            Painting.Of(ml, model, data, split.Test, options.Output));
    }
}

/// <summary>What a painter does on some places.</summary>
/// <param name="Points">Each place with the pixel that was most probable; empty where shapes are painted.</param>
/// <param name="Iou">
/// The mean, over the places, of the pixels that are white in both images over those that are white in one; 0 where single pixels are painted.
/// </param>
internal sealed record Painting(IReadOnlyList<(Place Truth, Place Painted)> Points, double Iou)
{
    /// <summary>The part of the places whose pixel is the right one, in percent.</summary>
    public double Percent => 100.0 * Points.Count(point => point.Truth == point.Painted) / Points.Count;

    /// <summary>The mean distance from the right pixel, in pixels.</summary>
    public double Distance => Points.Average(point => point.Truth.DistanceTo(point.Painted.X, point.Painted.Y));

    public static Painting Of(MLContext ml, CoordinatePainterTransformer model, NotSoClevr data, IReadOnlyList<Place> places, PaintedOutput output)
    {
        IDataView painted = model.Transform(data.View(ml, places));
        if (output == PaintedOutput.PixelSoftmax)
        {
            return new(
                [.. places.Zip(painted.GetColumn<uint>("Pixel"), (place, key) => (place, new Place((int)(key - 1) % data.Side, (int)(key - 1) / data.Side)))],
                0);
        }

        return new([], places.Zip(painted.GetColumn<float[]>("PaintedImage"), (place, image) => Overlap(data.Paint(place, data.HalfWidth), image)).Average());
    }

    private static double Overlap(float[] expected, float[] painted)
    {
        int both = 0, either = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            bool isExpected = expected[i] > 0.5f, isPainted = painted[i] > 0.5f;
            both += isExpected && isPainted ? 1 : 0;
            either += isExpected || isPainted ? 1 : 0;
        }

        return (double)both / either;
    }
}
