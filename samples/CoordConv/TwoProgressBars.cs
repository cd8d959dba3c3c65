using System.Globalization;
using Spectre.Console;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>
/// Two trainings side by side, in turns of a tenth of a second, with a live bar for each; a line now and then where the output goes to a file.
/// </summary>
internal static class TwoProgressBars
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(15);

    /// <summary>Trains both.</summary>
    /// <param name="names">What to call the trainings.</param>
    /// <param name="train">A training: 0 or 1, where to report to, and how long it has worked so far.</param>
    public static (T First, T Second) Show<T>((string First, string Second) names, Func<int, IProgress<TrainingProgress>, Func<TimeSpan>, T> train)
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi || Console.IsOutputRedirected)
            return Run([Lines(names.First), Lines(names.Second)], train);
        return console.Progress()
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => Run([Bar(context, names.First), Bar(context, names.Second)], train));
    }

    private static (T First, T Second) Run<T>(Action<TrainingProgress>[] show, Func<int, IProgress<TrainingProgress>, Func<TimeSpan>, T> train)
    {
        var turns = new Turns();
        Task<T>[] both =
        [
            .. Enumerable.Range(0, 2)
                .Select(worker => OnThread(() => turns.Work(worker, () => train(worker, new Receiver(Report(worker)), () => turns.Worked(worker))))),
        ];
        try
        {
            Task.WaitAll(both);
        }
        catch (AggregateException exception) when (exception.InnerExceptions.OfType<OperationCanceledException>().FirstOrDefault() is { } stopped)
        {
            throw stopped;
        }

        return (both[0].Result, both[1].Result);

        Action<TrainingProgress> Report(int worker) => progress =>
        {
            show[worker](progress);
            turns.Pass(worker);
        };
    }

    private static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Action<TrainingProgress> Bar(ProgressContext context, string name)
    {
        ProgressTask bar = context.AddTask(Markup.Escape(name), maxValue: 1);
        return progress =>
        {
            bar.Value = progress.Fraction;
            bar.Description = Markup.Escape(Describe(name, progress));
        };
    }

    private static Action<TrainingProgress> Lines(string name)
    {
        TimeSpan next = LineInterval;
        return progress =>
        {
            if (progress.Elapsed < next && progress.Fraction < 1)
                return;
            next = progress.Elapsed + LineInterval;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Fraction,4:P0}  {Describe(name, progress)}"));
        };
    }

    private static string Describe(string name, TrainingProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: {progress.Step} of {progress.Steps} steps, loss {progress.Loss:F3}, " +
        $"{(int)progress.Remaining.TotalMinutes}:{progress.Remaining.Seconds:00} left");

    private sealed class Receiver(Action<TrainingProgress> receive) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => receive(value);
    }
}
