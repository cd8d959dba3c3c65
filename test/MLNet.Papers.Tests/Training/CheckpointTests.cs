using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Training;

/// <summary>A training that was interrupted goes on as if it had not been.</summary>
[TestClass]
public sealed class CheckpointTests
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mlnet-papers-{Guid.NewGuid():N}");

    private string State => Path.Combine(_folder, "training.checkpoint");

    [TestCleanup]
    public void Delete()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    public static IEnumerable<object[]> Kinds =>
        [["perceptron"], ["convolution"], ["rotated and distorted convolution"], ["validated perceptron"], ["validated convolution"]];

    [TestMethod, DynamicData(nameof(Kinds))]
    public void A_fit_that_was_interrupted_again_and_again_gives_the_same_weights(string kind)
    {
        float[] expected = Weights(Options(kind));
        // The first step of a run is always reported: each of these runs makes one step, writes its state and dies.
        for (int run = 1; run <= 5; run++)
        {
            PrototypicalNetworkOptions dying = Options(kind);
            (dying.CheckpointFolder, dying.CheckpointInterval) = (_folder, 1);
            dying.Progress = new ProgressList(report =>
            {
                Assert.AreEqual(run, report.Step);
                throw new TimeoutException();
            });
            Assert.ThrowsExactly<TimeoutException>(() => Weights(dying));
            Assert.IsTrue(File.Exists(State));
        }

        PrototypicalNetworkOptions last = Options(kind);
        (last.CheckpointFolder, last.CheckpointInterval) = (_folder, 1);
        var progress = new ProgressList();
        last.Progress = progress;
        CollectionAssert.AreEqual(expected, Weights(last));
        Assert.AreEqual(6, progress.Reports[0].Step);
        Assert.IsFalse(File.Exists(State), "The state of a training that has ended is left.");
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(8)]
    public void Steps_after_the_last_writing_are_made_again(int failingStep)
    {
        // Written after steps 3, 6 and 9; best weights, patience and the optimizer's state go on too.
        double[] validations = [5, 4, 6, 3, 7];
        float[] expected = Run(new(Loss, validations) { UsesAdam = true, NoisyLoss = Noisy }, null);
        int written = failingStep / 3 * 3;
        using var failing = new ScriptedTask(
            (weights, step, random) => step == failingStep ? throw new TimeoutException() : Loss(weights, step, random), validations)
        {
            UsesAdam = true,
            NoisyLoss = Noisy,
        };
        Assert.ThrowsExactly<TimeoutException>(() => Run(failing, _folder));
        Assert.AreEqual(written > 0, File.Exists(State));
        // Validations come after steps 2, 4, 6, 8 and 10.
        var resumed = new ScriptedTask(
            (weights, step, random) => step < written ? throw new AssertFailedException($"Step {step} was made again.") : Loss(weights, step, random),
            validations[(written / 2)..])
        {
            UsesAdam = true,
            NoisyLoss = Noisy,
        };
        CollectionAssert.AreEqual(expected, Run(resumed, _folder));

        // Draws from both generators, so that neither may be lost.
        static Tensor Loss(Tensor weights, long step, Random random) => (weights[0] - random.NextDouble()).square() + (step * 0.001);

        static Tensor Noisy(Tensor weights, Noise noise) => ((weights[1] * noise.Uniform(1)) - 1).square().sum();

        static float[] Run(ScriptedTask task, string? folder)
        {
            var options = new PrototypicalNetworkOptions { CheckpointFolder = folder, CheckpointInterval = 3, ValidationInterval = 2 };
            new TrainingLoop(Host.EnvironmentOf(new MLContext().Transforms), new TrainingPlan(options, 10, 5, (step, _) => 0.1 / (1 + step), "same"), task)
                .Run();
            float[] weights = task.Weights;
            task.Dispose();
            return weights;
        }
    }

    [TestMethod]
    public void Patience_goes_on_counting()
    {
        // 5 is best after step 1; with a patience of 4 the run would end after step 5, and so it does after an interruption.
        double[] validations = [5, 6, 7, 8, 9, 1];
        using var failing = new ScriptedTask((weights, step, _) => step == 3 ? throw new TimeoutException() : weights[0], validations);
        Assert.ThrowsExactly<TimeoutException>(() => Run(failing));
        using var resumed = new ScriptedTask((weights, _, _) => weights[0], validations[3..]);
        Run(resumed);
        Assert.AreEqual((2, -1f), (resumed.Validations, resumed.Weights[0]));

        void Run(ScriptedTask task)
        {
            var options = new PrototypicalNetworkOptions { CheckpointFolder = _folder, CheckpointInterval = 1, ValidationInterval = 1, Patience = 4 };
            new TrainingLoop(Host.EnvironmentOf(new MLContext().Transforms), new TrainingPlan(options, 100, 1, (_, _) => 1, "same"), task).Run();
        }
    }

    [TestMethod]
    public void A_cancelled_fit_goes_on_in_another_context()
    {
        float[] expected = Weights(Options("perceptron"));
        var cancelled = new MLContext(seed: 1);
        PrototypicalNetworkOptions options = Options("perceptron");
        (options.CheckpointFolder, options.CheckpointInterval, options.Progress) = (_folder, 1, new ProgressList(_ => cancelled.CancelExecution()));
        Assert.ThrowsExactly<OperationCanceledException>(() => Weights(options, cancelled));
        Assert.IsTrue(File.Exists(State));
        options.Progress = null;
        List<string> messages = [];
        var ml = new MLContext(seed: 1);
        ml.Log += (_, entry) => messages.Add(entry.RawMessage);
        CollectionAssert.AreEqual(expected, Weights(options, ml));
        CollectionAssert.Contains(messages, "Training goes on after step 1 of 8.");
    }

    [TestMethod]
    public void Without_a_seed_a_fit_can_go_on_too()
    {
        PrototypicalNetworkOptions options = Options("perceptron");
        (options.CheckpointFolder, options.CheckpointInterval, options.Progress) = (_folder, 1, new ProgressList(_ => throw new TimeoutException()));
        Assert.ThrowsExactly<TimeoutException>(() => Weights(options, new MLContext()));
        options.Progress = null;
        Weights(options, new MLContext());
        Assert.IsFalse(File.Exists(State));
    }

    [TestMethod]
    public void A_training_that_ended_leaves_only_its_folder()
    {
        PrototypicalNetworkOptions options = Options("perceptron");
        string folder = Path.Combine(_folder, "made", "when needed");
        (options.CheckpointFolder, options.CheckpointInterval) = (folder, 1);
        Weights(options);
        Assert.IsTrue(Directory.Exists(folder));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder));
    }

    [TestMethod]
    public void A_writing_that_was_cut_off_is_not_looked_at()
    {
        float[] expected = Weights(Options("perceptron"));
        PrototypicalNetworkOptions options = Interrupted("perceptron");
        File.WriteAllBytes(State + ".new", File.ReadAllBytes(State)[..100]);
        CollectionAssert.AreEqual(expected, Weights(options));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder));

        // Also where there is nothing else.
        File.WriteAllBytes(State + ".new", [1, 2, 3]);
        CollectionAssert.AreEqual(expected, Weights(options));
    }

    [TestMethod]
    public void Another_training_is_refused()
    {
        PrototypicalNetworkOptions options = Interrupted("perceptron");
        byte[] state = File.ReadAllBytes(State);
        options.LearningRate = 0.02;
        AssertRefused(() => Weights(options));
        options = Checkpointed("perceptron");
        options.HiddenUnits = [9];
        AssertRefused(() => Weights(options));
        options = Checkpointed("perceptron");
        options.Seed = 2;
        AssertRefused(() => Weights(options));
        AssertRefused(() => Weights(Checkpointed("perceptron"), new MLContext(seed: 2)));
        AssertRefused(() => Weights(Checkpointed("convolution")));
        CollectionAssert.AreEqual(state, File.ReadAllBytes(State), "A refused state must not change.");
        Weights(Checkpointed("perceptron"));
    }

    [TestMethod]
    public void Other_data_is_refused()
    {
        Interrupted("perceptron");
        HandWrittenColumn features = HandWrittenColumn.Vectors("Features", Clusters.Features(3, 6, 4));
        uint[] keys = [.. Clusters.Labels(3, 6).Select(index => (uint)index + 1)];
        AssertRefused(() => Fit(HandWrittenColumn.Vectors("Features", Clusters.Features(3, 6, 4, seed: 2)), keys));
        (keys[0], keys[1]) = (keys[1], keys[0]);
        AssertRefused(() => Fit(features, keys));  // the same rows and as many of each class, but two labels are exchanged

        static void Refit(PrototypicalNetworkOptions options, IDataView data) => Clusters.Fit(new MLContext(seed: 1), data, options).Dispose();

        void Fit(HandWrittenColumn rows, uint[] labels) =>
            Refit(Checkpointed("perceptron"), new HandWrittenView(rows, HandWrittenColumn.Keys("Label", labels, "class0", "class1", "class2")));
    }

    [TestMethod]
    public void Other_validation_data_is_refused()
    {
        PrototypicalNetworkOptions options = Checkpointed("perceptron");
        (options.Validation, options.ValidationInterval, options.Progress) =
            (Clusters.Keyed(3, 6, 4, seed: 2), 2, new ProgressList(_ => throw new TimeoutException()));
        Assert.ThrowsExactly<TimeoutException>(() => Weights(options));
        options.Progress = null;
        options.Validation = Clusters.Keyed(3, 6, 4, seed: 3);
        AssertRefused(() => Weights(options));
        options.Validation = null;
        AssertRefused(() => Weights(options));
        options.Validation = Clusters.Keyed(3, 6, 4, seed: 2);
        Weights(options);
    }

    [TestMethod]
    public void A_damaged_state_is_refused()
    {
        PrototypicalNetworkOptions options = Interrupted("perceptron");
        byte[] state = File.ReadAllBytes(State);
        string tail = " Delete the file to start anew.";

        File.WriteAllBytes(State, []);
        Assert.AreEqual($"The checkpoint '{State}' cannot be read: The model is cut short in the magic number.{tail}", Message());
        File.WriteAllBytes(State, state[..^1]);
        StringAssert.StartsWith(Message(), $"The checkpoint '{State}' cannot be read: The model is cut short in block ", StringComparison.Ordinal);
        File.WriteAllBytes(State, [.. state, 0]);
        Assert.AreEqual($"The checkpoint '{State}' cannot be read: The model is followed by 1 bytes that do not belong to it.{tail}", Message());
        for (int place = 0; place < state.Length; place += Math.Max(1, state.Length / 50))
        {
            byte[] damaged = [.. state];
            damaged[place] ^= 0x10;
            File.WriteAllBytes(State, damaged);
            StringAssert.StartsWith(Message(), $"The checkpoint '{State}' cannot be read: ", StringComparison.Ordinal);
        }

        string Message() => Assert.ThrowsExactly<InvalidOperationException>(() => Weights(options)).Message;
    }

    /// <summary>
    /// Right checksums around what no training writes. libtorch ends the process over a generator's state that is of another length or that it does not like.
    /// </summary>
    [TestMethod]
    public void A_forged_state_is_refused()
    {
        PrototypicalNetworkOptions options = Checkpointed("validated perceptron");
        options.Progress = new ProgressList(report =>
        {
            if (report.Step == 3)
                throw new TimeoutException();
        });
        Assert.ThrowsExactly<TimeoutException>(() => Weights(options));
        options.Progress = null;
        byte[] honest = File.ReadAllBytes(State);
        var forged = new ForgedCheckpoint(honest);
        List<string> faults = [];
        foreach ((string what, byte[] bytes) in forged.All())
        {
            File.WriteAllBytes(State, bytes);
            try
            {
                Weights(options);
                faults.Add($"{what}: trained");
            }
            catch (InvalidOperationException exception) when (
                exception.Message.StartsWith($"The checkpoint '{State}' cannot be read: ", StringComparison.Ordinal))
            {
                StringAssert.EndsWith(exception.Message, " Delete the file to start anew.", StringComparison.Ordinal);
            }
            catch (Exception exception)
            {
                faults.Add($"{what}: {exception.GetType().Name}: {exception.Message}");
            }
        }

        Assert.IsEmpty(faults, string.Join('\n', faults));
        File.WriteAllBytes(State, honest);
        Weights(options);
    }

    /// <summary>Two trainings with one folder would write over each other's states.</summary>
    [TestMethod]
    public void A_folder_that_another_training_uses_is_refused()
    {
        PrototypicalNetworkOptions first = Checkpointed("perceptron"), second = Checkpointed("perceptron");
        string? refusal = null;
        first.Progress = new ProgressList(report =>
        {
            if (report.Step == 2)
                refusal = Assert.ThrowsExactly<InvalidOperationException>(() => Weights(second)).Message;
        });
        CollectionAssert.AreEqual(Weights(Options("perceptron")), Weights(first));
        Assert.AreEqual(
            $"Another training uses the checkpoint folder '{_folder}'. Choose another CheckpointFolder, or wait until that training has ended.", refusal);
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder));
    }

    [TestMethod]
    public void What_a_killed_training_left_of_its_lock_does_no_harm()
    {
        PrototypicalNetworkOptions options = Interrupted("perceptron");
        File.WriteAllBytes(Path.Combine(_folder, "training.lock"), []);
        CollectionAssert.AreEqual(Weights(Options("perceptron")), Weights(options));
        Assert.IsEmpty(Directory.GetFileSystemEntries(_folder));
    }

    [TestMethod]
    public void A_refused_state_leaves_no_tensor_and_the_generator_as_it_was()
    {
        PrototypicalNetworkOptions options = Interrupted("convolution");
        byte[] damaged = File.ReadAllBytes(State);
        damaged[^20] ^= 1;
        File.WriteAllBytes(State, damaged);
        using DisposeScope scope = NewDisposeScope();
        byte[] generator = random.get_rng_state().data<byte>().ToArray();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.ThrowsExactly<InvalidOperationException>(() => Weights(options));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        CollectionAssert.AreEqual(generator, random.get_rng_state().data<byte>().ToArray());
    }

    [TestMethod]
    public void A_state_is_written_every_so_many_steps()
    {
        List<long> written = [];
        using var task = new ScriptedTask((weights, step, _) =>
        {
            if (File.Exists(State))
            {
                written.Add(step);
                File.Delete(State);
            }

            return weights[0];
        });
        var options = new PrototypicalNetworkOptions { CheckpointFolder = _folder, CheckpointInterval = 4 };
        new TrainingLoop(Host.EnvironmentOf(new MLContext().Transforms), new TrainingPlan(options, 11, 1, (_, _) => 1, "same"), task).Run();
        CollectionAssert.AreEqual(new long[] { 4, 8 }, written);
    }

    private static PrototypicalNetworkOptions Options(string kind)
    {
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: 8);
        if (kind.Contains("convolution", StringComparison.Ordinal))
            (options.ImageShape, options.Filters, options.Blocks) = (new ImageShape(1, 8, 8), 4, 2);
        if (kind.Contains("rotated", StringComparison.Ordinal))
            (options.Rotations, options.AffineJitter) = (true, 1);
        if (kind.Contains("validated", StringComparison.Ordinal))
            (options.ValidationFraction, options.ValidationInterval, options.ValidationEpisodes) = (0.5, 2, 5);
        return options;
    }

    private PrototypicalNetworkOptions Checkpointed(string kind)
    {
        PrototypicalNetworkOptions options = Options(kind);
        (options.CheckpointFolder, options.CheckpointInterval) = (_folder, 1);
        return options;
    }

    // Leaves a state after one step.
    private PrototypicalNetworkOptions Interrupted(string kind)
    {
        PrototypicalNetworkOptions options = Checkpointed(kind);
        options.Progress = new ProgressList(_ => throw new TimeoutException());
        Assert.ThrowsExactly<TimeoutException>(() => Weights(options));
        options.Progress = null;
        return options;
    }

    private static float[] Weights(PrototypicalNetworkOptions options, MLContext? ml = null)
    {
        using PrototypicalNetworkTransformer model = Clusters.Fit(
            ml ?? new MLContext(seed: 1), Clusters.Keyed(options.ValidationFraction > 0 ? 6 : 3, 6, options.ImageShape?.Size ?? 4), options);
        return [.. model.Architecture.Weights().SelectMany(weight => model.Weights[weight.Name])];
    }

    private void AssertRefused(Action fit)
    {
        var exception = Assert.ThrowsExactly<InvalidOperationException>(fit);
        Assert.AreEqual(
            $"The checkpoint '{State}' was written by a training with other options, another seed or other data. " +
            "Choose another CheckpointFolder or delete the file to start anew.",
            exception.Message);
    }
}
