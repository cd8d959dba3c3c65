using Microsoft.ML;

namespace MLNet.Papers.Tests.Training;

/// <summary>A training that is stopped on its way and begun again.</summary>
internal static class BrokenTraining
{
    private const int Interval = 5;
    private const int LastStep = 12;

    /// <summary>Asserts that it ends as one that nobody stopped, and leaves no checkpoint.</summary>
    /// <param name="options">How <paramref name="outputs"/> trains; its checkpoints and its progress are set here.</param>
    /// <param name="outputs">Trains in a context for more than twelve steps, and gives what the model says.</param>
    public static void GoesOnWhereItWas(TrainingOptions options, Func<MLContext, float[]> outputs)
    {
        float[] whole = outputs(new MLContext(seed: 1));
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            var ml = new MLContext(seed: 1);
            (options.CheckpointFolder, options.CheckpointInterval) = (folder, Interval);
            options.Progress = new ProgressList(progress =>
            {
                if (progress.Step >= LastStep)
                    ml.CancelExecution();
            });
            Assert.ThrowsExactly<OperationCanceledException>(() => outputs(ml));
            Assert.IsNotEmpty(Directory.GetFiles(folder));
            options.Progress = null;
            CollectionAssert.AreEqual(whole, outputs(new MLContext(seed: 1)));
            Assert.IsEmpty(Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
