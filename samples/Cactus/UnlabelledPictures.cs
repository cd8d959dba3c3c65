using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;

namespace MLNet.Papers.Samples.Cactus;

/// <summary>The picture of the sample.</summary>
internal static class UnlabelledPictures
{
    private const int Cell = 40;
    private const int Gap = 4;
    private const int Margin = 20;
    private const int Top = 46;
    private const int MostClasses = 20;
    private const float LetterHeight = 9;

    private static readonly SKColor Ink = new(30, 30, 30);
    private static readonly SKColor Frame = new(40, 90, 200);

    /// <summary>Draws constructed tasks as the learner sees them: a pretended class a column, its support framed, its queries below.</summary>
    /// <param name="path">The PNG file to write.</param>
    /// <param name="images">The unlabelled images.</param>
    /// <param name="tasks">The tasks.</param>
    public static void SaveTasks(string path, IReadOnlyList<CharacterImage> images, IReadOnlyList<CactusTask> tasks)
    {
        int columns = Math.Min(MostClasses, tasks.Max(task => task.Support.Count));
        int rows = tasks[0].Support[0].Count + tasks[0].Queries[0].Count, height = (rows * (Cell + Gap)) + Top;
        string[] captions =
        [
            .. tasks.Select((task, i) => $"Task {i + 1}, from partition {task.Partition + 1}: each column is a cluster, for the learner a class; " +
                "framed is its support, below it are its queries"),
        ];
        float width = Math.Max(columns * (Cell + Gap), captions.Max(caption => Lettering.Measure(caption, LetterHeight)));
        using var picture = new Picture((2 * Margin) + (int)MathF.Ceiling(width), (tasks.Count * height) + Margin);
        for (int i = 0; i < tasks.Count; i++)
        {
            float top = i * height;
            Lettering.Write(picture.Canvas, captions[i], new SKPoint(Margin, top + 30), LetterHeight, Ink);
            for (int column = 0; column < Math.Min(columns, tasks[i].Support.Count); column++)
            {
                int[] members = [.. tasks[i].Support[column], .. tasks[i].Queries[column]];
                for (int row = 0; row < members.Length; row++)
                {
                    SKRect place = SKRect.Create(Margin + (column * (Cell + Gap)), top + Top + (row * (Cell + Gap)), Cell, Cell);
                    picture.DrawInk(images[members[row]].Pixels, CharacterImage.Side, place);
                    if (row < tasks[i].Support[column].Count)
                        picture.DrawFrame(place, Frame, 1.5f);
                }
            }
        }

        picture.Save(path);
    }
}
