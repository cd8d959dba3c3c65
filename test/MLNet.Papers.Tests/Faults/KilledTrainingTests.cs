using System.Diagnostics;
using System.Globalization;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Faults;

/// <summary>A training that is killed at random moments, again and again, ends with the model of one that nobody touched.</summary>
[TestClass]
public sealed class KilledTrainingTests
{
    private const string Program = "MLNet.Papers.KilledTraining";

    [TestMethod]
    [DataRow("episodes", 1)]
    [DataRow("generations", 1)]
    [DataRow("texts", 960)]  // tokens of an epoch: 192 rows of 3 words, their ends and their labels
    public void A_training_that_was_killed_ends_like_one_that_was_not(string kind, int firstStep)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mlnet-papers-");
        try
        {
            string expected = Path.Combine(folder.FullName, "unbroken.zip"),
                actual = Path.Combine(folder.FullName, "killed.zip"),
                checkpoints = Path.Combine(folder.FullName, "checkpoints");
            var clock = Stopwatch.StartNew();
            Assert.AreEqual(firstStep, Run(kind, "-", expected, null), "An unbroken training begins with the first step.");
            TimeSpan whole = clock.Elapsed;

            var random = new Random(1);
            int kills = Soak.Or(3, 20);
            for (int kill = 0; kill < kills && !File.Exists(actual); kill++)
                Run(kind, checkpoints, actual, whole * (random.NextDouble() / (kill + 2)));
            long resumed = File.Exists(actual) ? firstStep + 1 : Run(kind, checkpoints, actual, null);
            Assert.IsGreaterThan(firstStep, resumed, "A training that was killed goes on where it was.");
            PersistenceChecks.AssertSameFiles("A training that was killed", File.ReadAllBytes(expected), File.ReadAllBytes(actual));
            Assert.IsEmpty(Directory.GetFileSystemEntries(checkpoints), "A training that is done leaves nothing behind.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Two_processes_do_not_share_a_checkpoint_folder()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mlnet-papers-");
        try
        {
            string model = Path.Combine(folder.FullName, "model.zip"), checkpoints = Path.Combine(folder.FullName, "checkpoints");
            using Process first = ProgramProcess.Start(Program, Program, "episodes", checkpoints, model);
            Assert.AreEqual("step 1", first.StandardOutput.ReadLine());
            using (Process second = ProgramProcess.Start(Program, Program, "episodes", checkpoints, model))
            {
                string errors = second.StandardError.ReadToEnd();
                second.WaitForExit();
                Assert.AreNotEqual(0, second.ExitCode);
                Assert.Contains($"Another training uses the checkpoint folder '{checkpoints}'.", errors);
            }

            first.Kill();
            first.WaitForExit();
            Assert.IsFalse(File.Exists(model), "The first must still have been at work when the second was refused.");
            Run("episodes", checkpoints, model, null);
            Assert.IsTrue(File.Exists(model));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The step that it begins with; 0 when it is killed before. The time counts from the first step.
    private static long Run(string kind, string checkpoints, string model, TimeSpan? lifetime)
    {
        using Process process = ProgramProcess.Start(Program, Program, kind, checkpoints, model);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string? line = process.StandardOutput.ReadLine();
        long first = line is not null && line.StartsWith("step ", StringComparison.Ordinal) ? long.Parse(line[5..], CultureInfo.InvariantCulture) : 0;
        if (lifetime is { } time && !process.WaitForExit(time))
        {
            process.Kill();
            process.WaitForExit();
            return first;
        }

        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return first;
    }
}
