namespace MLNet.Papers.Tests.Contract;

/// <summary>Does something at every report of a training.</summary>
internal sealed class ProgressCallback(Action action) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => action();
}
