using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Training;

/// <summary>Several trainings that are one fit to the user.</summary>
[TestClass]
public sealed class TrainingPhasesTests
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mlnet-papers-{Guid.NewGuid():N}");

    [TestCleanup]
    public void Delete()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    public void A_fit_goes_on_after_the_phase_that_was_finished()
    {
        List<int> trained = [];
        Assert.ThrowsExactly<TimeoutException>(() => Fit(dies: 2));
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, trained);
        trained.Clear();
        CollectionAssert.AreEqual(new[] { "a0", "a1", "a2" }, Fit(dies: -1));
        CollectionAssert.AreEqual(new[] { 2 }, trained, "Phases that were finished are trained again.");
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder), "A fit that is done leaves nothing behind.");

        string[] Fit(int dies)
        {
            using var phases = new TrainingPhases(new PrototypicalNetworkOptions { CheckpointFolder = _folder }, "phase", 3);
            string[] results = [.. Enumerable.Range(0, 3).Select(phase =>
            {
                PrototypicalNetworkOptions own = phases.Next<PrototypicalNetworkOptions>();
                Assert.AreEqual(Path.Combine(_folder, $"phase-{phase}"), own.CheckpointFolder);
                return phases.Run(
                    $"a{phase}", () => Train(phase), (writer, result) => writer.WriteJson("result", result), reader => reader.ReadJson<string>("result"));
            })];
            phases.End();
            return results;

            string Train(int phase)
            {
                trained.Add(phase);
                return phase == dies ? throw new TimeoutException() : $"a{phase}";
            }
        }
    }

    [TestMethod]
    public void Phases_share_the_time_limit_and_the_progress()
    {
        var progress = new ProgressList();
        var phases = new TrainingPhases(new PrototypicalNetworkOptions { TimeLimit = TimeSpan.FromMinutes(4), Progress = progress }, "phase", 4);
        PrototypicalNetworkOptions first = phases.Next<PrototypicalNetworkOptions>(), second = phases.Next<PrototypicalNetworkOptions>();
        Assert.AreEqual(TimeSpan.FromMinutes(1), second.TimeLimit);
        first.Progress!.Report(new(10, 10, 1, 0.5, null, 0.1, TimeSpan.FromSeconds(8), TimeSpan.Zero));
        phases.Expect(2);
        PrototypicalNetworkOptions third = phases.Next<PrototypicalNetworkOptions>();
        third.Progress!.Report(new(5, 10, 0.5, 0.5, null, 0.1, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4)));
        Assert.AreEqual((10L, 40L, 0.25), (progress.Reports[0].Step, progress.Reports[0].Steps, progress.Reports[0].Fraction));
        Assert.AreEqual(TimeSpan.FromSeconds(24), progress.Reports[0].Remaining);
        Assert.AreEqual(TimeSpan.FromSeconds(12), progress.Reports[1].Elapsed, "The time of the phases before counts.");
        phases.Dispose();
    }

    [TestMethod]
    public void What_another_fit_left_is_refused()
    {
        using (var phases = new TrainingPhases(new PrototypicalNetworkOptions { CheckpointFolder = _folder }, "phase", 2))
        {
            phases.Next<PrototypicalNetworkOptions>();
            phases.Run("one", () => "result", (writer, result) => writer.WriteJson("result", result), reader => reader.ReadJson<string>("result"));
        }

        using var others = new TrainingPhases(new PrototypicalNetworkOptions { CheckpointFolder = _folder }, "phase", 2);
        others.Next<PrototypicalNetworkOptions>();
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => others.Run("other", () => "result", (writer, result) => writer.WriteJson("result", result), reader => reader.ReadJson<string>("result")));
        StringAssert.Contains(error.Message, "was trained with other options, another seed or other data.", StringComparison.Ordinal);
    }
}
