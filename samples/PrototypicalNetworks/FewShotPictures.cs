using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>The pictures of a few-shot run.</summary>
internal static class FewShotPictures
{
    private const int MostColumns = 26;
    private const int MostClasses = 52;
    private const int MostWriters = 20;
    private const int Cell = 46;
    private const int ColumnWidth = 52;
    private const int RowHeight = 66;
    private const int Margin = 30;
    private const int Labels = 136;
    private const int Totals = 72;
    private const int Top = 138;
    private const int Numbers = 24;
    private const int BandGap = 24;
    private const float LetterHeight = 9;

    private static readonly SKColor Ink = new(0x33, 0x33, 0x33);
    private static readonly SKColor Band = new(0xF1, 0xF3, 0xF5);
    private static readonly SKColor Right = new(0x2B, 0x8A, 0x3E);
    private static readonly SKColor Wrong = new(0xD6, 0x2F, 0x2F);
    private static readonly SKColor Line = new(0x1C, 0x6D, 0xB5);

    /// <summary>
    /// Draws a task: a column for each class, its support image on top, a row for each writer of the queries. What the model names right is framed green;
    /// what it names wrong is framed red, with the number of the class that it named.
    /// </summary>
    /// <param name="path">The PNG file to write.</param>
    /// <param name="title">What the task is.</param>
    /// <param name="task">The task; of more than 52 classes those with the most mistakes are shown, of more than 20 writers the first.</param>
    public static void SaveTask(string path, string title, AnsweredTask task)
    {
        ILookup<string, (CharacterImage Query, string Predicted)> answers = task.Answers.ToLookup(answer => answer.Query.Character);
        CharacterImage[] support =
        [
            .. task.Support.DistinctBy(image => image.Character).OrderByDescending(image => answers[image.Character].Count(answer => !IsRight(answer))),
        ];
        Dictionary<string, int> numbers = support.Select((image, i) => (image.Character, Number: i + 1)).ToDictionary();
        int[] writers = [.. task.Answers.Select(answer => answer.Query.Writer).Distinct().Order().Take(MostWriters)];
        int classes = Math.Min(support.Length, MostClasses), bands = (classes + MostColumns - 1) / MostColumns, columns = (classes + bands - 1) / bands;
        int bandHeight = Numbers + ((writers.Length + 1) * RowHeight) + BandGap;
        int shown = support.Take(classes).Sum(image => answers[image.Character].Count(answer => writers.Contains(answer.Query.Writer)));
        string extent = shown < task.Answers.Count ? FormattableString.Invariant($" {shown} of the drawings are shown.") : "";
        const string Order = "A column for each character, numbered, those with the most mistakes first; a row for each writer.";
        string given = $"The network was given the drawings of the support row, and named the character of every drawing below.{extent}";
        float[] widths = [Labels + Totals + (columns * ColumnWidth), Lettering.Measure(title, 13, isBold: true), Measure(Order), Measure(given), Legend(null)];

        using var picture = new Picture((2 * Margin) + (int)MathF.Ceiling(widths.Max()), Top + (bands * bandHeight));
        Lettering.Write(picture.Canvas, title, new SKPoint(Margin, 38), 13, Ink, isBold: true);
        Write(Order, Margin, 64);
        Write(given, Margin, 84);
        Legend(picture);
        for (int band = 0; band < bands; band++)
        {
            CharacterImage[] members = support[(band * columns)..Math.Min((band + 1) * columns, classes)];
            DrawBand(members, Top + (band * bandHeight));
        }

        picture.Save(path);

        void DrawBand(CharacterImage[] members, float top)
        {
            float Left(int column) => Margin + Labels + (column * ColumnWidth);
            float Row(int row) => top + Numbers + (row * RowHeight);
            float Foot(int row) => Row(row) + ((Cell + LetterHeight) / 2);
            using var shade = new SKPaint { Color = Band };
            picture.Canvas.DrawRect(SKRect.Create(Margin - 10, Row(0) - 6, Labels + Totals + (members.Length * ColumnWidth) + 20, Cell + 12), shade);
            Write($"support: writer {members[0].Writer}", Margin, Foot(0), isBold: true);
            Write("right", Left(members.Length) + 12, Foot(0), isBold: true);
            for (int column = 0; column < members.Length; column++)
            {
                string number = FormattableString.Invariant($"{numbers[members[column].Character]}");
                Write(number, Left(column) + (Cell / 2), top + 8, SKTextAlign.Center, isBold: true);
                picture.DrawInk(members[column].Pixels, CharacterImage.Side, SKRect.Create(Left(column), Row(0), Cell, Cell));
            }

            for (int row = 1; row <= writers.Length; row++)
            {
                int right = 0, count = 0;
                for (int column = 0; column < members.Length; column++)
                {
                    foreach ((CharacterImage Query, string Predicted) answer in answers[members[column].Character].Where(IsByWriter))
                    {
                        DrawAnswer(picture, answer, numbers, SKRect.Create(Left(column), Row(row), Cell, Cell));
                        right += IsRight(answer) ? 1 : 0;
                        count++;
                    }
                }

                Write($"query: writer {writers[row - 1]}", Margin, Foot(row));
                Write($"{right} of {count}", Left(members.Length) + 12, Foot(row));

                bool IsByWriter((CharacterImage Query, string Predicted) answer) => answer.Query.Writer == writers[row - 1];
            }
        }

        void Write(string text, float x, float y, SKTextAlign align = SKTextAlign.Left, bool isBold = false) =>
            Lettering.Write(picture.Canvas, text, new SKPoint(x, y), LetterHeight, Ink, align, isBold);
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
        Picture picture, (CharacterImage Query, string Predicted) answer, Dictionary<string, int> numbers, SKRect place)
    {
        picture.DrawInk(answer.Query.Pixels, CharacterImage.Side, place);
        picture.DrawFrame(place, IsRight(answer) ? Right : Wrong, IsRight(answer) ? 1.5f : 3);
        if (!IsRight(answer))
        {
            Lettering.Write(
                picture.Canvas, $"named {numbers[answer.Predicted]}", new SKPoint(place.MidX, place.Bottom + 12), 7, Wrong, SKTextAlign.Center, isBold: true);
        }
    }

    /// <summary>Writes what the frames mean, if there is a picture to write it on.</summary>
    /// <returns>How wide that is, in pixels.</returns>
    private static float Legend(Picture? picture)
    {
        const float Y = 108, Box = 11, Indent = 18;
        float left = Margin;
        Entry("named right", Right, 1.5f);
        Entry("named wrong, and below it the number of the character that was named instead", Wrong, 3);
        return left - Margin;

        void Entry(string text, SKColor colour, float line)
        {
            picture?.DrawFrame(SKRect.Create(left, Y - 10, Box, Box), colour, line);
            if (picture is not null)
                Lettering.Write(picture.Canvas, text, new SKPoint(left + Indent, Y), LetterHeight, Ink);
            left += Indent + Measure(text) + 24;
        }
    }

    private static float Measure(string text) => Lettering.Measure(text, LetterHeight);

    // The mean over a twentieth of the training on both sides of each point.
    private static double[] Smooth(double[] values)
    {
        int reach = Math.Max(1, values.Length / 40);
        return [.. values.Select((_, i) => values[Math.Max(0, i - reach)..Math.Min(values.Length, i + reach + 1)].Average())];
    }
}
