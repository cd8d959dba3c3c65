using System.Globalization;
using Spectre.Console;

namespace MLNet.Papers.Samples;

/// <summary>Shows how a training gets on: a live bar on a terminal, a line now and then where the output goes to a file.</summary>
internal static class TrainingProgressBar
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(15);

    /// <summary>Trains while showing the progress.</summary>
    /// <param name="unit">What a step is, in the plural: episodes.</param>
    /// <param name="isTimed">Whether the time limit ends the training, so that the number of planned steps says nothing.</param>
    /// <param name="watch">Gets every report too.</param>
    /// <param name="train">The training; it is given where to report to.</param>
    public static TModel Show<TModel>(string unit, bool isTimed, Action<TrainingProgress> watch, Func<IProgress<TrainingProgress>, TModel> train) =>
        Show(progress => Describe(progress, unit, isTimed), watch, train);

    /// <summary>Trains while showing the progress.</summary>
    /// <param name="describe">What is said about a report beside the part that is done.</param>
    /// <param name="watch">Gets every report too.</param>
    /// <param name="train">The training; it is given where to report to.</param>
    public static TModel Show<TModel>(Func<TrainingProgress, string> describe, Action<TrainingProgress> watch, Func<IProgress<TrainingProgress>, TModel> train)
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi || Console.IsOutputRedirected)
            return train(new Receiver(watch + Lines(describe)));

        return console.Progress()
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask bar = context.AddTask("Starting", maxValue: 1);
                TModel model = train(new Receiver(watch + Update));
                bar.Value = 1;
                return model;

                void Update(TrainingProgress progress)
                {
                    bar.Value = progress.Fraction;
                    bar.Description = Markup.Escape(describe(progress));
                }
            });
    }

    /// <summary>The remaining time of a report, in words.</summary>
    public static string TimeLeft(TrainingProgress progress) => $"{(int)progress.Remaining.TotalMinutes}:{progress.Remaining.Seconds:00} left";

    private static Action<TrainingProgress> Lines(Func<TrainingProgress, string> describe)
    {
        TimeSpan next = LineInterval;
        bool isDone = false;
        return progress =>
        {
            if (isDone || (progress.Elapsed < next && progress.Fraction < 1))
                return;
            next = progress.Elapsed + LineInterval;
            isDone = progress.Fraction >= 1;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Fraction,4:P0}  {describe(progress)}"));
        };
    }

    private static string Describe(TrainingProgress progress, string unit, bool isTimed)
    {
        string planned = isTimed ? "" : string.Create(CultureInfo.InvariantCulture, $" of {progress.Steps}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.Step}{planned} {unit}, loss {progress.Loss:F3}, rate {progress.LearningRate:G2}, {TimeLeft(progress)}");
    }

    /// <summary>Passes reports on at once and in order, on the thread that trains.</summary>
    private sealed class Receiver(Action<TrainingProgress> receive) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => receive(value);
    }
}
