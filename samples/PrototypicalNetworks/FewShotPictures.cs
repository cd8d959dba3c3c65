using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>The pictures of a few-shot run.</summary>
internal static class FewShotPictures
{
    private const int Columns = 10;
    private const int MostClasses = 20;
    private const int MostQueries = 3;
    private const int Cell = 56;
    private const int ColumnWidth = 104;
    private const int RowHeight = 68;
    private const int Margin = 30;
    private const int Top = 88;
    private const int BandGap = 22;

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);
    private static readonly SKColor Band = new(0xF1, 0xF3, 0xF5);
    private static readonly SKColor Right = new(0x2B, 0x8A, 0x3E);
    private static readonly SKColor Wrong = new(0xD6, 0x2F, 0x2F);
    private static readonly SKColor Line = new(0x1C, 0x6D, 0xB5);

    /// <summary>
    /// Draws a task: a column for each class with its support image on top and queries below, framed green where the model is right; where it is
    /// wrong, framed red and beside it the support image of the class that it named.
    /// </summary>
    /// <param name="path">The PNG file to write.</param>
    /// <param name="title">What the task is.</param>
    /// <param name="task">The task; of more than 20 classes and 3 queries a class those with mistakes are shown first.</param>
    public static void SaveTask(string path, string title, AnsweredTask task)
    {
        Dictionary<string, CharacterImage> support = task.Support.GroupBy(image => image.Character).ToDictionary(group => group.Key, group => group.First());
        ILookup<string, (CharacterImage Query, string Predicted)> answersByClass = task.Answers.OrderBy(IsRight).ToLookup(answer => answer.Query.Character);
        string[] classes = [.. support.Keys.OrderBy(name => answersByClass[name].All(IsRight)).Take(MostClasses)];
        var queries = classes.ToDictionary(name => name, name => answersByClass[name].Take(MostQueries).ToArray());
        int rows = Math.Max(1, queries.Values.Max(answers => answers.Length));
        int bands = (classes.Length + Columns - 1) / Columns;
        int bandHeight = ((rows + 1) * RowHeight) + BandGap;
        int columns = Math.Min(Columns, classes.Length);

        using var picture = new Picture((2 * Margin) + 70 + (columns * ColumnWidth), Top + (bands * bandHeight) + 10);
        Lettering.Write(picture.Canvas, title, new SKPoint(Margin, 34), 13, Ink, isBold: true);
        int shown = queries.Values.Sum(answers => answers.Length);
        WriteLegend(picture, shown < task.Answers.Count ? FormattableString.Invariant($"; {shown} of the drawings are shown") : "");
        for (int band = 0; band < bands; band++)
        {
            float top = Top + (band * bandHeight);
            using var shade = new SKPaint { Color = Band };
            picture.Canvas.DrawRect(SKRect.Create(Margin - 10, top - 6, (columns * ColumnWidth) + 84, Cell + 12), shade);
            Lettering.Write(picture.Canvas, "support", new SKPoint(Margin, top + (Cell / 2) + 5), 9, Ink);
            Lettering.Write(picture.Canvas, "queries", new SKPoint(Margin, top + RowHeight + (Cell / 2) + 5), 9, Ink);
        }

        for (int i = 0; i < classes.Length; i++)
        {
            float left = Margin + 74 + (i % Columns * ColumnWidth), top = Top + (i / Columns * bandHeight);
            picture.DrawInk(support[classes[i]].Pixels, CharacterImage.Side, SKRect.Create(left, top, Cell, Cell));
            for (int row = 0; row < queries[classes[i]].Length; row++)
                DrawAnswer(picture, queries[classes[i]][row], support, left, top + ((row + 1) * RowHeight));
        }

        picture.Save(path);
    }

    /// <summary>Draws how the loss fell in the course of training.</summary>
    /// <param name="path">The PNG file to write.</param>
    /// <param name="reports">What training reported.</param>
    public static void SaveLearningCurve(string path, IReadOnlyList<TrainingProgress> reports)
    {
        double[] steps = [.. reports.Select(report => (double)report.Step)];
        double[] losses = [.. reports.Select(report => report.Loss)];
        LineChart.Save(path, "Loss of the training episodes", "episode", "loss (nats)",
        [
            new ChartLine("one episode", steps, losses, Line.WithAlpha(70), Width: 1),
            new ChartLine("mean of its surroundings", steps, Smooth(losses), Line, Width: 2.5f),
        ]);
    }

    private static bool IsRight((CharacterImage Query, string Predicted) answer) => answer.Predicted == answer.Query.Character;

    private static void DrawAnswer(
        Picture picture, (CharacterImage Query, string Predicted) answer, Dictionary<string, CharacterImage> support, float left, float top)
    {
        bool isRight = IsRight(answer);
        SKRect place = SKRect.Create(left, top, Cell, Cell);
        picture.DrawInk(answer.Query.Pixels, CharacterImage.Side, place);
        picture.DrawFrame(place, isRight ? Right : Wrong, isRight ? 1.5f : 2.5f);
        if (isRight)
            return;
        SKRect mistaken = SKRect.Create(left + Cell + 5, top + (Cell / 2), Cell / 2, Cell / 2);
        if (support.TryGetValue(answer.Predicted, out CharacterImage? predicted))
            picture.DrawInk(predicted.Pixels, CharacterImage.Side, mistaken);
        picture.DrawFrame(mistaken, Wrong, 1);
    }

    private static void WriteLegend(Picture picture, string extent)
    {
        const float Y = 60;
        picture.DrawFrame(SKRect.Create(Margin, Y - 10, 11, 11), Right, 1.5f);
        Lettering.Write(picture.Canvas, "right", new SKPoint(Margin + 18, Y), 9, Ink);
        picture.DrawFrame(SKRect.Create(Margin + 70, Y - 10, 11, 11), Wrong, 2.5f);
        Lettering.Write(picture.Canvas, $"wrong, and the support image of the class that was named instead{extent}", new SKPoint(Margin + 88, Y), 9, Ink);
    }

    // The mean over a twentieth of the training on both sides of each point.
    private static double[] Smooth(double[] values)
    {
        int reach = Math.Max(1, values.Length / 40);
        return [.. values.Select((_, i) => values[Math.Max(0, i - reach)..Math.Min(values.Length, i + reach + 1)].Average())];
    }
}
