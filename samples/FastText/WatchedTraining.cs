using static System.FormattableString;

namespace MLNet.Papers.Samples.FastText;

/// <summary>A training whose speed is shown while it runs.</summary>
internal static class WatchedTraining
{
    /// <summary>Trains a model.</summary>
    /// <param name="threads">How many threads learn.</param>
    /// <param name="end">The last report.</param>
    /// <param name="fit">The training; it is given where to report to.</param>
    /// <exception cref="InputException">Nothing can be learned from the text.</exception>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static TModel Run<TModel>(int threads, out TrainingProgress end, Func<IProgress<TrainingProgress>, TModel> fit)
    {
        TrainingProgress? last = null;
        try
        {
            TModel model = TrainingProgressBar.Show(progress => Describe(progress, threads), progress => last = progress, fit);
            end = last!;
            return model;
        }
        catch (InvalidOperationException exception)
        {
            throw new InputException(exception.Message, exception);
        }
    }

    private static string Describe(TrainingProgress progress, int threads)
    {
        double speed = progress.Step / Math.Max(progress.Elapsed.TotalSeconds, 1e-3) / threads;
        string words = Invariant($"{progress.Step / 1e6:F1} of {progress.Steps / 1e6:F1} million words");
        string rate = Invariant($"{speed / 1e3:F0} thousand a second{(threads == 1 ? "" : " and thread")}");
        return Invariant($"{words}, {rate}, loss {progress.Loss:F3}, {TrainingProgressBar.TimeLeft(progress)}");
    }
}
