using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace MLNet.Papers.Samples.Pictures;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What the legend calls it; empty for no entry.</param>
/// <param name="Xs">How far right each point is.</param>
/// <param name="Ys">How far up each point is.</param>
/// <param name="Colour">The colour of the line.</param>
/// <param name="Width">The width of the line, in pixels.</param>
internal sealed record ChartLine(string Name, double[] Xs, double[] Ys, SKColor Colour, float Width = 2);

/// <summary>Draws lines over two axes, with captions that need no font of the machine and a legend beside them.</summary>
internal static class LineChart
{
    private const int Width = 900;
    private const int Height = 540;
    private const float LetterHeight = 10;
    private const float SampleWidth = 50;

    /// <summary>Lines of so many points or fewer show each of them.</summary>
    private const int MostMarked = 20;

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);

    /// <summary>Writes a chart to a PNG file. The vertical axis begins at 0.</summary>
    public static void Save(string path, string title, string xCaption, string yCaption, IReadOnlyList<ChartLine> lines)
    {
        using var plot = new Plot();
        foreach (ChartLine line in lines)
        {
            ScottPlot.Plottables.Scatter scatter = plot.Add.ScatterLine(
                line.Xs, line.Ys, new ScottPlot.Color(line.Colour.Red, line.Colour.Green, line.Colour.Blue, line.Colour.Alpha));
            scatter.LineWidth = line.Width;
            scatter.MarkerSize = line.Xs.Length <= MostMarked ? 3 * line.Width : 0;
        }

        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = lines.All(line => line.Xs.All(double.IsInteger)) };
        plot.Axes.AutoScale();
        plot.Axes.SetLimits(0, 1.02 * lines.Max(line => line.Xs.Max()), 0, plot.Axes.GetLimits().Top);
        foreach (IAxis axis in plot.Axes.GetAxes())
            axis.TickLabelStyle.IsVisible = false;
        ChartLine[] named = [.. lines.Where(line => line.Name.Length > 0)];
        float legend = named.Length == 0 ? 0 : SampleWidth + named.Max(line => Lettering.Measure(line.Name, LetterHeight));
        plot.Layout.Fixed(new PixelPadding(left: 80, right: 30 + legend, bottom: 60, top: 50));

        using var picture = new Picture(Width, Height);
        plot.Render(picture.Canvas, Width, Height);
        PixelRect area = plot.RenderManager.LastRender.DataRect;
        foreach (Tick tick in plot.Axes.Bottom.TickGenerator.Ticks.Where(tick => tick.IsMajor))
            Write(tick.Label, plot.Axes.Bottom.GetPixel(tick.Position, area), area.Bottom + 22, SKTextAlign.Center);
        foreach (Tick tick in plot.Axes.Left.TickGenerator.Ticks.Where(tick => tick.IsMajor))
            Write(tick.Label, area.Left - 12, plot.Axes.Left.GetPixel(tick.Position, area) + (LetterHeight / 2), SKTextAlign.Right);
        Write(xCaption, area.HorizontalCenter, area.Bottom + 46, SKTextAlign.Center);
        picture.Canvas.Save();
        picture.Canvas.RotateDegrees(-90, 24, area.VerticalCenter);
        Write(yCaption, 24, area.VerticalCenter, SKTextAlign.Center);
        picture.Canvas.Restore();
        Lettering.Write(picture.Canvas, title, new SKPoint(Width / 2, 32), 13, Ink, SKTextAlign.Center, isBold: true);
        WriteLegend(picture, named, area);
        picture.Save(path);

        void Write(string text, float x, float y, SKTextAlign align) => Lettering.Write(picture.Canvas, text, new SKPoint(x, y), LetterHeight, Ink, align);
    }

    private static void WriteLegend(Picture picture, ChartLine[] lines, PixelRect area)
    {
        float left = area.Right + SampleWidth;
        for (int i = 0; i < lines.Length; i++)
        {
            float y = area.Top + 28 + (i * 22);
            using var pen = new SKPaint { Color = lines[i].Colour, StrokeWidth = Math.Max(2, lines[i].Width), IsAntialias = true };
            picture.Canvas.DrawLine(left - 34, y - (LetterHeight / 2), left - 10, y - (LetterHeight / 2), pen);
            Lettering.Write(picture.Canvas, lines[i].Name, new SKPoint(left, y), LetterHeight, Ink);
        }
    }
}
